/** The program: packages, its options, its end, and what plugins leave behind in it. */

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, linkSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { fn, Gateway } from './support/gateway.js'

const PROGRAM = fileURLToPath(new URL('../bin/oarlock-js-pluginserver.js', import.meta.url))
const ENTRY = JSON.stringify({ type: 'module', oarlock: { entry: './plugin.js' } })
const HELLO = `export default class { async access(kong) { kong.response.setHeader('x-hello', '1') } }`

/**
 * Make a folder with these files, for the time of the test.
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string>} files
 */
function folder(t, files) {
  const root = mkdtempSync(join(tmpdir(), 'oarlock-js-'))
  t.after(() => rmSync(root, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return root
}

/** @param {string[]} args */
function dump(...args) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [PROGRAM, '--dump', ...args], { encoding: 'utf8' })
  return { plugins: stdout ? JSON.parse(stdout) : [], stderr, status }
}

/**
 * Start the program and wait until it says that it serves.
 * @param {import('node:test').TestContext} t
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, stdio?: any[] }} [options]
 */
async function start(t, args, { env = {}, stdio = ['pipe', 'pipe', 'pipe'] } = {}) {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio, env: { ...process.env, ...env } })
  t.after(() => child.kill('SIGKILL'))
  /** @type {string[]} */
  const lines = []
  await new Promise((resolve, reject) => {
    createInterface(/** @type {any} */ (child.stderr)).on('line', (line) => {
      lines.push(line)
      if (line.includes(' serves ')) resolve(undefined)
    })
    child.once('exit', () => reject(new Error(lines.join('\n'))))
  })
  return { child, lines }
}

describe('packages', () => {
  test('ES modules, CommonJS and plugins in the shape of Kong load; what says nothing is never run', (t) => {
    const root = folder(t, {
      'one/package.json': ENTRY,
      'one/plugin.js': `import { word } from 'dependency'\nexport default class One { static version = word; access() {} }`,
      'one/node_modules/dependency/package.json': '{ "type": "module", "exports": "./index.js" }',
      'one/node_modules/dependency/index.js': `export const word = '1.1.1'`,
      'two/package.json': '{ "oarlock": { "entry": "lib/two.cjs" } }',
      'two/lib/two.cjs': `class KongPlugin { async access(kong) {} }
        module.exports = { Plugin: KongPlugin, Schema: [{ message: { type: 'string' } }], Version: '0.2.0', Priority: 3, Name: 'kongs' }`,
      'three/package.json': ENTRY,
      'three/plugin.js': `export const plugins = [class Aa { access() {} }, class Bb { static name = 'other'; log() {} }]`,
      'four/package.json': '{ "oarlock": { "entry": "index.js" } }',
      'four/index.js': `module.exports = class Plugin { rewrite() {} }`,
      'helper/package.json': '{ "type": "module", "main": "index.js" }',
      'helper/index.js': `throw new Error('I am no plugin')`,
      'loose.js': `throw new Error('nor am I')`,
    })
    const { plugins, stderr, status } = dump('--plugins', root)
    assert.deepEqual([stderr, status], ['', 0])
    assert.deepEqual(
      plugins.map((/** @type {any} */ plugin) => [plugin.name, plugin.version, plugin.priority]),
      [['four', '0.1.0', 0], ['one', '1.1.1', 0], ['aa', '0.1.0', 0], ['other', '0.1.0', 0], ['kongs', '0.2.0', 3]], // prettier-ignore
    )
    assert.deepEqual(plugins[4].schema, [{ message: { type: 'string' } }])
  })

  test('one that can not be loaded is reported, the others serve', (t) => {
    const root = folder(t, {
      'bad/package.json': ENTRY,
      'bad/plugin.js': `throw new Error('broken here')`,
      'empty/package.json': ENTRY,
      'empty/plugin.js': `export const nothing = 1`,
      'good/package.json': ENTRY,
      'good/plugin.js': HELLO,
    })
    const { plugins, stderr, status } = dump('--plugins', root)
    assert.deepEqual([plugins[0].name, status], ['good', 1])
    assert.match(stderr, /bad was not loaded: Error: broken here\n.*plugin\.js:1/)
    assert.match(stderr, /empty was not loaded: PluginError: it exports nothing; a plugin is the default export/)
  })

  test('a single package is served as well', (t) => {
    const root = folder(t, { 'package.json': ENTRY, 'plugin.js': HELLO })
    assert.equal(dump('--plugins', root).plugins.length, 1)
  })

  test('wrong options are said', () => {
    const run = (/** @type {string[]} */ ...args) =>
      spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' })
    assert.match(run('--plugin', 'x').stderr, /--plugin/)
    assert.match(run('--plugins', '/nowhere').stderr, /is not a folder/)
    assert.match(run('--plugins', '.', '--processes', '0').stderr, /--processes is a number from 1/)
    assert.equal(run('--plugins', '/nowhere').status, 1)
  })
})

describe('the process', () => {
  const files = { 'hello/package.json': ENTRY, 'hello/plugin.js': HELLO }

  test('listens on a path of its own, for its own user, and takes it away at the end', async (t) => {
    const root = folder(t, files)
    const path = join(root, 'p.sock')
    writeFileSync(join(root, 'other'), '')
    const { child } = await start(t, ['--plugins', root, '--socket', path])
    assert.equal(statSync(path).mode & 0o777, 0o600)
    const gateway = await (await Gateway.connect(path)).hello()
    gateway.event('access', await gateway.start('hello'))
    assert.deepEqual((await gateway.receive('DONE'))[2], [[fn('response.set_header'), 'x-hello', '1']])
    child.kill('SIGTERM')
    assert.deepEqual(await gateway.receive('DRAIN'), [''])
    gateway.close()
    assert.deepEqual(await once(child, 'exit'), [0, null])
    assert(!existsSync(path))
  })

  test('takes over the path of one that was killed, not that of one that lives', async (t) => {
    const root = folder(t, files)
    const path = join(root, 'p.sock')
    const first = await start(t, ['--plugins', root, '--socket', path])
    await assert.rejects(start(t, ['--plugins', root, '--socket', path]), /another server listens there/)
    first.child.kill('SIGKILL')
    await once(first.child, 'exit')
    await start(t, ['--plugins', root, '--socket', path])
  })

  test('serves an inherited socket, and ends with its stdin', async (t) => {
    const root = folder(t, files)
    const path = join(root, 'p.sock')
    const listener = createServer().listen(path)
    await once(listener, 'listening')
    const { fd } = /** @type {any} */ (listener)._handle
    const { child } = await start(t, ['--plugins', root], {
      env: { OARLOCK_LISTEN: 'fd:3', OARLOCK_MEMBER: '2', OARLOCK_SERVER_NAME: 'js' },
      stdio: ['pipe', 'inherit', 'pipe', fd],
    })
    linkSync(path, `${path}.link`) // closing removes the path
    listener.close()
    const gateway = await (await Gateway.connect(`${path}.link`)).hello()
    assert.deepEqual([gateway.welcome.server.name, gateway.welcome.server.member], ['js', 2])
    child.stdin?.end()
    assert.deepEqual(await gateway.receive('DRAIN'), [''])
    gateway.close()
    assert.deepEqual(await once(child, 'exit'), [0, null])
  })

  test('starts members, each with a socket of its own', async (t) => {
    const root = folder(t, files)
    const { child } = await start(t, ['--plugins', root, '--socket', join(root, 'p.sock'), '--processes', '2'])
    const pids = []
    for (const member of [0, 1]) {
      const path = join(root, `p.${member}.sock`)
      while (!existsSync(path)) await sleep(20)
      const gateway = await (await Gateway.connect(path)).hello()
      pids.push(gateway.welcome.server.pid)
      assert.equal(gateway.welcome.server.member, member)
      gateway.close()
    }
    assert.notEqual(pids[0], pids[1])
    child.kill('SIGTERM')
    assert.deepEqual(await once(child, 'exit'), [0, null])
    for (const pid of pids) assert.throws(() => process.kill(pid, 0))
  })
})

test('what a handler leaves behind is the error of its event, never the end of the process', async (t) => {
  const root = folder(t, {
    'loose/package.json': ENTRY,
    'loose/plugin.js': `
      const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
      export default class Loose {
        async access(kong) {
          later(1).then(() => { throw new Error('left alone') })
          await new Promise((resolve) => kong.signal.addEventListener('abort', resolve))
        }
        async rewrite(kong) {
          setTimeout(() => { throw new Error('from a timer') }, 1)
          await new Promise((resolve) => kong.signal.addEventListener('abort', resolve))
        }
        async response(kong) {
          later(1).then(() => { throw new Error('after the end') })
        }
        async log(kong) {}
      }`,
  })
  const path = join(root, 'p.sock')
  const { child } = await start(t, ['--plugins', root, '--socket', path])
  const gateway = await (await Gateway.connect(path)).hello()
  const instance = await gateway.start('loose')
  const other = gateway.event('log', instance)
  assert.deepEqual((await gateway.receive('DONE')).slice(0, 2), [other, 1])
  const rejecting = gateway.event('access', instance)
  const [number, outcome, , [code, text, trace]] = await gateway.receive('DONE')
  assert.deepEqual([number, outcome, code], [rejecting, 4, 'failed'])
  assert.equal(text, 'unhandled rejection: Error: left alone')
  assert.match(trace, /plugin\.js:5/)
  gateway.event('rewrite', instance)
  assert.equal((await gateway.receive('DONE'))[3][1], 'uncaught exception: Error: from a timer')
  const ended = gateway.event('response', instance)
  assert.equal((await gateway.receive('DONE'))[1], 1)
  const [event, level, line] = await gateway.receive('LOG')
  assert.deepEqual([event, level], [ended, 5])
  assert.match(line, /^unhandled rejection: Error: after the end\n/)
  assert.equal(child.exitCode, null)
})
