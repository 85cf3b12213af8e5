/** Every snippet of the README is used in its order, as a reader would. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

import ts from 'typescript'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const README = readFileSync(join(ROOT, 'README.md'), 'utf8')
const FILES = [...README.matchAll(/^```\w+ title=(\S+)\n([^]*?)^```/gm)].map(([, name, text]) => ({ name, text }))

test('the snippets of the README work, and are right in the eyes of TypeScript', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'oarlock-js-'))
  t.after(() => rmSync(root, { recursive: true }))
  mkdirSync(join(root, 'greet', 'node_modules', '@types'), { recursive: true })
  for (const { name, text } of FILES) writeFileSync(join(root, name), text)
  symlinkSync(ROOT, join(root, 'greet', 'node_modules', 'oarlock-pdk')) // what `npm install` does
  symlinkSync(join(ROOT, 'node_modules', '@types', 'node'), join(root, 'greet', 'node_modules', '@types', 'node'))

  const cwd = join(root, 'greet')
  const run = (/** @type {string[]} */ ...args) => {
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined }
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8', env })
    assert.equal(status, 0, stdout + stderr)
    return stdout
  }
  assert.match(run('--test', 'plugin.test.js'), /pass 2/)
  const program = join(cwd, 'node_modules', 'oarlock-pdk', 'bin', 'oarlock-js-pluginserver.js')
  const [described] = JSON.parse(run(program, '--plugins', '.', '--dump'))
  assert.deepEqual([described.name, described.schema], ['greet', [{ greeting: { type: 'string', default: 'hello' } }]])
  assert.equal(JSON.parse(run('serve.js', '--dump'))[0].name, 'greet')
  for (const name of ['limit', 'size']) {
    const script = `import P from './${name}.js'; import { serve } from 'oarlock-pdk'; process.argv.push('--dump'); serve(P)`
    assert.equal(JSON.parse(run('--input-type=module', '-e', script))[0].name, name)
  }

  const checked = ts.createProgram(
    FILES.filter(({ name }) => /\.[jt]s$/.test(name)).map(({ name }) => join(root, name)),
    {
      allowJs: true,
      checkJs: true,
      strict: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      types: ['node'],
      typeRoots: [join(cwd, 'node_modules', '@types')],
    },
  )
  const problems = ts.getPreEmitDiagnostics(checked).map((problem) => {
    return `${problem.file?.fileName}: ${ts.flattenDiagnosticMessageText(problem.messageText, '\n')}`
  })
  assert.deepEqual(problems, [])
})
