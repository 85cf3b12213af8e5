import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'

import { run } from 'oarlock-pdk/testing'

import Auth from './plugin.js'

const users = createServer((request, response) => {
  const known = request.headers.authorization === 'Bearer t-1'
  response.writeHead(known ? 200 : 404).end(known ? '{"id": "c-1", "username": "bob"}' : '')
})
let url = ''

before(async () => {
  users.listen(0, '127.0.0.1')
  await once(users, 'listening')
  const address = users.address()
  url = `http://127.0.0.1:${typeof address === 'object' && address?.port}/`
})

after(() => users.close())

const answers = { 'kong.client.load_consumer': { id: 'c-1', username: 'bob' } }

test('who brings a token that is known is let in under their name', async () => {
  const request = { headers: { authorization: 'Bearer t-1' } }
  const result = await run(Auth, 'access', { config: { url }, request, answers })
  assert.equal(result.outcome, 'done')
  assert.equal(result.requestHeaders['x-consumer-username'], 'bob')
  assert.equal(result.requestHeaders.authorization, undefined)
  assert.equal(result.exchange.consumer?.id, 'c-1')
})

test('who brings another one is turned away', async () => {
  const result = await run(Auth, 'access', { config: { url }, request: { headers: { authorization: 'Bearer t-2' } } })
  assert.deepEqual([result.outcome, result.status, result.headers], ['exit', 401, { 'www-authenticate': 'Bearer' }])
})

test('who brings none is turned away without asking', async () => {
  const result = await run(Auth, 'access', { config: { url: 'http://127.0.0.1:1/' } })
  assert.deepEqual([result.status, result.body], [401, { message: 'who are you?' }])
})

test('a service that is down is no way in', async () => {
  const options = { config: { url: 'http://127.0.0.1:1/' }, request: { headers: { authorization: 'Bearer t-1' } } }
  const result = await run(Auth, 'access', options)
  assert.deepEqual([result.status, result.body], [503, { message: 'try again later' }])
})
