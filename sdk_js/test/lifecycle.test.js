/** The connection: handshake, instances, ping, drain, and what ends it. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'

import { ConfigError } from '../src/index.js'
import { HIGHEST } from '../src/table.js'
import { serve } from './support/gateway.js'

class Plain {
  static version = '1.2.3'
  static priority = 7
  static needs = { access: ['request.get_raw_body', ['kong.ctx.shared.get', 'k']] }
  static rerun = ['access']
  static schema = [{ greeting: { type: 'string', default: 'hi' } }]
  static documentation = 'Says hello.'

  access() {}
  log() {}
}

test('WELCOME says what is here', async (t) => {
  const gateway = await (
    await serve(t, [Plain], { maxEvents: 10 })
  ).gateway({ peers: 4, features: ['fusion', 'later'] })
  const { version, features, plugins, limits, server, pdk } = gateway.welcome
  assert.deepEqual([version, features, pdk, server.language], [1, ['fusion'], HIGHEST, 'javascript'])
  assert.deepEqual(limits, { max_frame: 1 << 20, window: 1 << 18, max_events: 2, max_log_events: 64 })
  assert.deepEqual(plugins, [
    {
      name: 'plain',
      version: '1.2.3',
      priority: 7,
      schema: [{ greeting: { type: 'string', default: 'hi' } }],
      phases: { access: { needs: [58, [125, 'k']], rerun: true }, log: { needs: [], rerun: false } },
      documentation: 'Says hello.',
    },
  ])
})

describe('the connection ends', () => {
  test('when no version is common', async (t) => {
    const gateway = await (await serve(t, [Plain])).raw()
    gateway.send('HELLO', 'oarlock', { versions: [2, 3] })
    assert.equal((await gateway.receive('DRAIN'))[0], 'version')
    assert(await gateway.isClosed())
  })

  test('when the first message is not HELLO', async (t) => {
    const gateway = await (await serve(t, [Plain])).raw()
    gateway.send('PING', 1)
    assert.equal((await gateway.receive('DRAIN'))[0], 'protocol')
    assert(await gateway.isClosed())
  })

  test('after a message that is not for a server, once those before it are answered', async (t) => {
    const gateway = await (await serve(t, [Plain])).gateway()
    gateway.send('PING', 9)
    gateway.send('WELCOME', {})
    assert.deepEqual(await gateway.receive('PONG'), [9, 0, 0])
    assert.deepEqual((await gateway.receive('DRAIN'))[0], 'protocol')
    assert(await gateway.isClosed())
  })

  for (const [name, send] of /** @type {[string, (gateway: any) => void][]} */ ([
    ['an id that went back', (gateway) => gateway.send('EVENT', 1, 3, [1, 100])],
    ['a CANCEL of what never was', (gateway) => gateway.send('CANCEL', 99, '')],
    ['a REPLY to no call', (gateway) => gateway.send('REPLY', 99)],
    ['a CLOSE of no instance', (gateway) => gateway.send('CLOSE', 99)],
    ['an instance that comes twice', (gateway) => gateway.send('START', { instance: 1, plugin: 'plain', key: '' })],
  ])) {
    test(`after ${name}`, async (t) => {
      const gateway = await (await serve(t, [Plain])).gateway()
      gateway.event('access', await gateway.start('plain'))
      await gateway.receive('DONE')
      send(gateway)
      assert.equal((await gateway.receive('DRAIN'))[0], 'protocol')
      assert(await gateway.isClosed())
    })
  }

  test('when nothing comes from the gateway any more', async (t) => {
    const { gateway: connect, lines } = await serve(t, [Plain])
    const gateway = await connect({ ping_ms: 10 })
    assert(await gateway.isClosed())
    assert.match(lines.join(), /taken for dead/)
  })
})

describe('instances', () => {
  /** @type {string[]} */
  const seen = []
  class Lives {
    /** @param {any} config */
    constructor(config) {
      if (config.refuse) throw new ConfigError(config.refuse)
      if (config.fail) throw new Error(config.fail)
      seen.push('made')
    }

    async start() {
      await null
      seen.push('started')
    }

    async stop() {
      seen.push('stopped')
    }

    async access() {}
  }

  test('of one configuration are one object, ended when the last connection lets go', async (t) => {
    seen.length = 0
    const { gateway: connect, server } = await serve(t, [Lives])
    const [one, two] = [await connect(), await connect()]
    await one.start('lives', { a: 1, b: [1] })
    const number = await two.start('lives', { b: [1], a: 1 })
    assert.deepEqual(seen, ['made', 'started'])
    await two.start('lives', { a: 2 })
    assert.equal(server.instances.size, 2)
    one.close()
    two.send('CLOSE', number)
    two.event('access', 2)
    await two.receive('DONE')
    assert.deepEqual(seen, ['made', 'started', 'made', 'started', 'stopped'])
  })

  test('that can not be are answered with the reason', async (t) => {
    const gateway = await (await serve(t, [Lives])).gateway()
    gateway.send('START', { instance: 1, plugin: 'lives', key: 'k', config: { refuse: 'not like this' } })
    assert.deepEqual(await gateway.receive('STARTED'), [1, ['bad_config', 'not like this']])
    gateway.send('START', { instance: 2, plugin: 'lives', key: 'k', config: { fail: 'no luck' } })
    assert.deepEqual(await gateway.receive('STARTED'), [2, ['start_failed', 'Error: no luck']])
    assert.match(gateway.logs[0][2], /no luck\n.*lifecycle\.test\.js/)
    gateway.send('START', { instance: 3, plugin: 'unknown', key: 'k' })
    assert.equal((await gateway.receive('STARTED'))[1][0], 'bad_config')
  })

  test('that are not there do not run', async (t) => {
    const gateway = await (await serve(t, [Lives])).gateway()
    gateway.event('access', 5)
    assert.equal((await gateway.receive('DONE'))[3][0], 'no_instance')
  })

  test('a phase without handler fails', async (t) => {
    const gateway = await (await serve(t, [Lives])).gateway()
    gateway.event('rewrite', await gateway.start('lives'))
    assert.match((await gateway.receive('DONE'))[3][1], /no handler for this phase/)
  })
})

describe('drain', () => {
  test('lets what runs end, refuses what is new, and ends when the gateway has closed', async (t) => {
    let release = () => {}
    class Slow {
      async access() {
        await new Promise((resolve) => {
          release = () => resolve(undefined)
        })
      }
    }
    const { gateway: connect, server, running } = await serve(t, [Slow])
    const gateway = await connect()
    const instance = await gateway.start('slow')
    const event = gateway.event('access', instance)
    gateway.send('PING', 1)
    await gateway.receive('PONG')
    server.drain()
    assert.deepEqual(await gateway.receive('DRAIN'), [''])
    const late = gateway.event('access', instance)
    assert.deepEqual((await gateway.receive('DONE'))[3][0], 'refused', String(late))
    gateway.send('START', { instance: 9, plugin: 'slow', key: 'k' })
    assert.equal((await gateway.receive('STARTED'))[1][0], 'refused')
    release()
    assert.deepEqual((await gateway.receive('DONE')).slice(0, 2), [event, 1])
    gateway.close()
    await running
  })

  test('of a gateway is followed', async (t) => {
    const gateway = await (await serve(t, [Plain])).gateway()
    const instance = await gateway.start('plain')
    gateway.send('DRAIN', '')
    gateway.event('access', instance)
    assert.equal((await gateway.receive('DONE'))[3][0], 'refused')
  })
})

test('log lines wait while the gateway does not read, and the oldest go', async (t) => {
  let said = () => {}
  const allSaid = new Promise((resolve) => {
    said = () => resolve(undefined)
  })
  class Talks {
    /** @param {import('../src/index.js').Kong} kong */
    async access(kong) {
      for (let line = 0; line < 3000; line++) {
        kong.log.err(`${line} ${'x'.repeat(4000)}`)
        if (line % 50 === 0) await turn()
      }
      said()
    }
  }
  const gateway = await (await serve(t, [Talks])).gateway()
  const instance = await gateway.start('talks')
  gateway.pause()
  gateway.event('access', instance, { budget: 20_000 })
  await allSaid
  gateway.resume()
  await gateway.receive('DONE')
  const count = () => gateway.logs.reduce((sum, line) => sum + 1 + (line[4] ?? 0), 0)
  while (count() < 3000) gateway.logs.push(await gateway.receive('LOG')) // they may come behind the DONE
  assert.equal(count(), 3000)
  assert(gateway.logs.length < 3000)
})
