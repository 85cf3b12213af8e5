/** The test kit: a handler runs as it would live, over a request that is plain data. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { PdkError, PluginError } from '../src/index.js'
import { run } from '../src/testing.js'

/** @typedef {import('../src/index.js').Kong} Kong */

class Everything {
  static schema = [{ limit: { type: 'integer', default: 2 } }]

  /** @param {{ limit: number }} config */
  constructor(config) {
    this.config = config
  }

  /** @param {Kong} kong */
  async access(kong) {
    const { a, ...others } = await kong.request.getQuery()
    kong.log.info('asked for ', a)
    await kong.service.request.setHeaders({ 'X-A': String(a), 'x-limit': this.config.limit })
    await kong.service.request.addHeader('x-a', 'more')
    await kong.service.request.setQuery({ ...others, z: ['1', true] })
    await kong.service.request.setRawBody((await kong.request.getRawBody()).toString().toUpperCase())
    await kong.ctx.shared.set('seen', { by: await kong.client.getIp() })
    await kong.response.setHeader('x-user', (await kong.request.getHeader('x_a')) ?? 'none')
  }

  /** @param {Kong} kong */
  async response(kong) {
    const { by } = await kong.ctx.shared.get('seen')
    if ((await kong.response.getStatus()) === 404) return kong.response.exit(200, { by })
    await kong.response.setStatus(500)
    throw new Error('too late')
  }

  /** @param {Kong} kong */
  async log(kong) {
    await kong.response.setHeader('x-late', '1')
  }
}

const request = { query: 'a=1&b=2&c', headers: { 'x-a': 'old' }, body: 'body', clientIp: '192.0.2.1' }

describe('a handler', () => {
  for (const facts of [true, false]) {
    test(`does the same with ${facts ? 'facts' : 'no facts'}`, async () => {
      const { exchange, ...result } = await run(Everything, 'access', { request, facts })
      assert.deepEqual([result.outcome, result.status, result.body], ['done', null, null])
      assert.deepEqual({ ...result.requestHeaders }, { host: 'localhost', 'x-a': ['1', 'more'], 'x-limit': '2' })
      assert.deepEqual({ ...result.responseHeaders }, { 'x-user': '1' })
      assert.deepEqual([exchange.query, exchange.body.toString()], ['b=2&c&z&z=1', 'BODY'])
      assert.deepEqual(exchange.shared, { seen: { by: '192.0.2.1' } })
      assert.deepEqual(result.logs, [{ level: 'info', text: 'asked for 1' }])
      assert.equal(result.calls.length > 3, !facts)
    })
  }

  test('goes on with the exchange of an earlier phase', async () => {
    const { exchange } = await run(Everything, 'access', { request, response: { status: 404 } })
    const { outcome, body } = await run(Everything, 'response', { exchange })
    assert.deepEqual([outcome, body], ['exit', { by: '192.0.2.1' }])
  })

  test('that throws leaves nothing of itself', async () => {
    const { exchange } = await run(Everything, 'access', { request })
    await assert.rejects(run(Everything, 'response', { exchange }), /too late/)
    assert.equal(exchange.responseStatus, 200)
  })

  test('fails in the wrong phase as it would live', async () => {
    const wrong = (/** @type {unknown} */ error) => error instanceof PdkError && error.code === 'wrong_phase'
    await assert.rejects(run(Everything, 'log'), wrong)
  })

  test('that is not there is refused', async () => {
    await assert.rejects(run(Everything, 'preread'), PluginError)
  })
})

test('what the kit does not know is asked of the test', async () => {
  class Asks {
    /** @param {Kong} kong */
    async access(kong) {
      const consumer = await kong.client.loadConsumer('bob', true)
      await kong.client.authenticate(consumer)
      await kong.service.request.setHeader('x-id', consumer?.id)
    }
  }
  await assert.rejects(run(Asks, 'access'), /no answer to kong.client.load_consumer\(bob, true\); give one: answers/)
  const answers = { 'kong.client.load_consumer': (/** @type {string} */ id) => ({ id: `id of ${id}` }) }
  const result = await run(Asks, 'access', { answers })
  assert.equal(result.requestHeaders['x-id'], 'id of bob')
  assert.deepEqual(result.calls, [['kong.client.load_consumer', ['bob', true]]])
})

test('a plugin in the shape of Kong runs as well', async () => {
  class KongPlugin {
    /** @param {Kong} kong */
    async access(kong) {
      await kong.response.exit(403, 'no')
    }
  }
  const { status, body } = await run({ Plugin: KongPlugin }, 'access')
  assert.deepEqual([status, body], [403, 'no'])
})

test('values that the wire does not have fail where they are given', async () => {
  class Sends {
    /** @param {unknown} config */
    constructor(config) {
      this.config = config
    }

    /** @param {Kong} kong */
    async access(kong) {
      for (const value of [new Date(0), new Set(), NaN, () => {}, 2n ** 64n, '\ud800', { a: { b: Symbol('s') } }]) {
        assert.throws(() => kong.ctx.shared.set('k', value), PdkError)
      }
      for (const value of [
        new Map([['a', 1]]),
        2n ** 62n,
        'caf\udce9',
        { __proto__: null, a: undefined, b: [undefined] },
      ]) {
        await kong.ctx.shared.set('k', value)
      }
    }
  }
  const { changes } = await run(Sends, 'access')
  assert.deepEqual(
    changes.map(([, args]) => args[1]),
    [{ a: 1 }, 2n ** 62n, Buffer.from('636166e9', 'hex'), { b: [null] }],
  )
})
