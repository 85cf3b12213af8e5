import assert from 'node:assert/strict'
import { test } from 'node:test'

import { run } from 'oarlock-pdk/testing'

import Hello from './plugin.js'

test('the upstream is greeted in the name of the user', async () => {
  const result = await run(Hello, 'access', { config: { greeting: 'hi' }, request: { headers: { 'x-user': 'bob' } } })
  assert.equal(result.requestHeaders['x-greeting'], 'hi bob')
  assert.equal(result.responseHeaders['x-hello'], 'javascript')
})

test('who has no name is a stranger', async () => {
  const result = await run(Hello, 'access')
  assert.equal(result.requestHeaders['x-greeting'], 'hello stranger')
})
