import assert from 'node:assert/strict'
import { test } from 'node:test'

import { run } from 'oarlock-pdk/testing'

import Transform from './plugin.js'

const headers = { 'content-type': 'application/json' }
const config = { add: { from: 'gateway' }, remove: ['secret'] }

test('fields are added to what goes upstream', async () => {
  const { exchange } = await run(Transform, 'access', { config, request: { headers, body: '{"a":1}' } })
  assert.deepEqual(JSON.parse(exchange.body.toString()), { a: 1, from: 'gateway' })
})

test('a body that is no JSON object is refused', async () => {
  const result = await run(Transform, 'access', { config, request: { headers, body: '[' } })
  assert.equal(result.status, 400)
})

test('fields are removed from what comes back', async () => {
  const response = { headers, body: '{"a":1,"secret":2}' }
  const { exchange } = await run(Transform, 'response', { config, response })
  assert.deepEqual(JSON.parse(exchange.responseBody.toString()), { a: 1 })
})

test('other bodies are left alone', async () => {
  const result = await run(Transform, 'access', { config, request: { body: 'text' } })
  assert.deepEqual([result.changes, result.calls], [[], []])
})
