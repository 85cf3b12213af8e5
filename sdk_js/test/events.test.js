/** A server under a scripted gateway: events, changes, calls, outcomes, fused runs. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { Gone, PdkError, Plugin } from '../src/index.js'
import { Blob } from '../src/values.js'
import { fn, serve } from './support/gateway.js'

/** @typedef {import('../src/index.js').Kong} Kong */

const HEADERS = 'host\na.b\naccept\n*/*\nx-user\nbob'
const REQUEST = { 'request.get_method': 'GET', 'request.get_path': '/a', 'request.get_headers': HEADERS }
const SET = fn('service.request.set_header')

class Demo {
  /** @param {Kong} kong */
  async access(kong) {
    if ((await kong.request.getMethod()) === 'GET') {
      kong.service.request.setHeader('x-demo', 'seen')
      await kong.service.request.setHeader('x-user', (await kong.request.getHeader('X-User')) ?? '')
    }
  }
}

test('facts are read and changes come back in one round trip', async (t) => {
  const gateway = await (await serve(t, [Demo])).gateway()
  const instance = await gateway.start('demo')
  const event = gateway.event('access', instance, { facts: REQUEST })
  const done = await gateway.receive('DONE')
  assert.deepEqual(done.slice(0, 4), [event, 1, [[SET, 'x-demo', 'seen'], [SET, 'x-user', 'bob']], null]) // prettier-ignore
  assert(done[4] >= 0 && done[4] < 5_000_000)
})

test('many events that came at once are answered in one write', async (t) => {
  const gateway = await (await serve(t, [Demo])).gateway()
  const instance = await gateway.start('demo')
  const before = gateway.reads
  for (let count = 0; count < 20; count++) gateway.event('access', instance, { facts: REQUEST })
  for (let count = 0; count < 20; count++) assert.equal((await gateway.receive('DONE'))[1], 1)
  assert(gateway.reads - before <= 3, `${gateway.reads - before} reads`)
})

test('without facts the same plugin asks', async (t) => {
  const gateway = await (await serve(t, [Demo])).gateway()
  const event = gateway.event('access', await gateway.start('demo'))
  const [first, ...question] = await gateway.receive('CALL')
  assert.deepEqual(question, [event, fn('request.get_method'), []])
  gateway.send('REPLY', first, 'GET')
  const [second, ...following] = await gateway.receive('CALL')
  assert.deepEqual(following, [event, fn('request.get_header'), ['X-User'], [[SET, 'x-demo', 'seen']]])
  gateway.send('REPLY', second, 'bob')
  assert.deepEqual((await gateway.receive('DONE')).slice(0, 3), [event, 1, [[SET, 'x-user', 'bob']]])
})

class Sync {
  /** @param {Kong} kong */
  access(kong) {
    kong.service.request.setHeader('x-sync', 1)
  }
}

test('a handler may be plain', async (t) => {
  const gateway = await (await serve(t, [Sync])).gateway()
  gateway.event('access', await gateway.start('sync'))
  assert.deepEqual((await gateway.receive('DONE')).slice(1, 3), [1, [[SET, 'x-sync', 1]]])
})

class ReadsItsWrites {
  /** @param {Kong} kong */
  async access(kong) {
    kong.service.request.setHeader('x-a', 1)
    const mine = [1]
    kong.ctx.shared.set('seen', mine)
    mine.push(2)
    kong.service.request.setHeader('x-shared', String(await kong.ctx.shared.get('seen')))
    kong.service.request.setHeader('x-b', (await kong.request.getHeader('x_a')) ?? '')
    kong.service.request.setHeader('x-user', (await kong.request.getHeader('x-user')) ?? '')
    await kong.request.getHeader('x-a')
  }
}

test('a stale fact is asked for with the changes before it, once', async (t) => {
  const gateway = await (await serve(t, [ReadsItsWrites])).gateway()
  const event = gateway.event('access', await gateway.start('reads-its-writes'), { facts: REQUEST })
  const [call, , asked, args, changes] = await gateway.receive('CALL')
  assert.deepEqual([asked, args], [fn('request.get_header'), ['x_a']])
  assert.deepEqual(changes, [[SET, 'x-a', 1], [fn('ctx.shared.set'), 'seen', [1]], [SET, 'x-shared', '1']]) // prettier-ignore
  gateway.send('REPLY', call, '1')
  const [second] = await gateway.receive('CALL') // x-a, which a change stood between
  gateway.send('REPLY', second, '1')
  assert.deepEqual((await gateway.receive('DONE')).slice(0, 3), [event, 1, []])
})

class Exits {
  /** @param {Kong} kong */
  async access(kong) {
    kong.response.setHeader('x-seen', '1')
    try {
      kong.response.exit(403, { message: 'no' }, { 'x-why': 'demo' })
    } catch {
      try {
        await kong.response.setHeader('x-after', '1')
      } catch {
        return // a plugin that catches everything
      }
    }
  }

  /** @param {Kong} kong */
  async rewrite(kong) {
    try {
      kong.response.exit(204)
    } catch (error) {
      throw new Error('wrapped', { cause: error })
    }
  }

  /** @param {Kong} kong */
  async response(kong) {
    kong.response.error(429, 'slow down', { 'retry-after': 1 })
  }

  /** @param {Kong} kong */
  async log(kong) {
    kong.response.exit(200)
  }
}

describe('kong.response.exit ends the handler', () => {
  test('and a catch does not undo it', async (t) => {
    const gateway = await (await serve(t, [Exits])).gateway()
    const event = gateway.event('access', await gateway.start('exits'))
    const changes = [[fn('response.set_header'), 'x-seen', '1']]
    const detail = [403, { message: 'no' }, ['x-why', 'demo']]
    assert.deepEqual((await gateway.receive('DONE')).slice(0, 4), [event, 2, changes, detail])
  })

  test('also when it is wrapped in another error', async (t) => {
    const gateway = await (await serve(t, [Exits])).gateway()
    gateway.event('rewrite', await gateway.start('exits'))
    assert.deepEqual((await gateway.receive('DONE')).slice(1, 4), [2, [], [204, null, null]])
  })

  test('an error page is an outcome too', async (t) => {
    const gateway = await (await serve(t, [Exits])).gateway()
    gateway.event('response', await gateway.start('exits'))
    assert.deepEqual((await gateway.receive('DONE')).slice(1, 4), [3, [], [429, 'slow down', ['retry-after', 1]]])
  })

  test('not where the phase does not allow it', async (t) => {
    const gateway = await (await serve(t, [Exits])).gateway()
    gateway.event('log', await gateway.start('exits'))
    const [, outcome, , [code, text]] = await gateway.receive('DONE')
    assert.deepEqual([outcome, code], [4, 'failed'])
    assert.match(
      text,
      /kong.response.exit: function cannot be called in log phase \(only in: rewrite, access, response/,
    )
  })
})

class Raises {
  /** @param {Kong} kong */
  async access(kong) {
    kong.service.request.setHeader('x-half', 'done')
    throw new TypeError('no user', { cause: new Error('the cause') })
  }

  log() {
    throw 'a string'
  }

  /** @param {Kong} kong */
  async response(kong) {
    kong.response.setStatus(1000)
  }

  /** @param {Kong} kong */
  async rewrite(kong) {
    await kong.response.getStatus()
  }

  preread() {
    return Promise.reject(undefined)
  }

  certificate() {
    return {
      then() {
        throw Object.defineProperty(new Error(), 'message', {
          get() {
            throw new Error('no message either')
          },
        })
      },
    }
  }
}

describe('an error ends its event, with its stack', () => {
  for (const [phase, said, where] of [
    ['access', /^TypeError: no user$/, /Raises\.access.*events\.test\.js[^]*caused by: Error: the cause/],
    ['log', /^thrown: a string$/, /a string/],
    ['response', /^PdkError: kong.response.set_status: status: at most 599/, /Raises\.response.*events\.test\.js/],
    ['rewrite', /cannot be called in rewrite phase \(only in: response, log/, /Raises\.rewrite.*events\.test\.js/],
    ['preread', /^thrown: undefined$/, /undefined/],
    ['certificate', /^thrown: a value that can not be shown$/, /^$/],
  ]) {
    test(`in ${phase}`, async (t) => {
      const gateway = await (await serve(t, [Raises, Demo])).gateway()
      const event = gateway.event(String(phase), await gateway.start('raises'))
      const [number, outcome, changes, [code, text, trace]] = await gateway.receive('DONE')
      assert.deepEqual([number, outcome, changes, code], [event, 4, [], 'failed'])
      assert.match(text, /** @type {RegExp} */ (said))
      assert.match(trace, /** @type {RegExp} */ (where))
      assert.doesNotMatch(trace, /src\/event\.js|node:internal/)
      gateway.event('access', await gateway.start('demo'), { facts: REQUEST })
      assert.equal((await gateway.receive('DONE'))[1], 1)
    })
  }
})

class Asks {
  /** @param {Kong} kong */
  async access(kong) {
    try {
      await kong.client.loadConsumer('bob', true)
    } catch (error) {
      assert(error instanceof PdkError)
      kong.service.request.setHeader('x-code', error.code)
    }
  }

  /** @param {Kong} kong */
  async rewrite(kong) {
    const names = Array.from({ length: 100 }, (_, number) => `{vault://env/${number}}`)
    const results = await Promise.all(names.map((name) => kong.vault.get(name)))
    kong.service.request.setHeader('x-sum', new Set(results).size)
  }

  /** @param {Kong} kong */
  async response(kong) {
    for (let count = 0; count < 3; count++) {
      kong.response.addHeader('x-count', String(count))
      kong.vault.flush() // nobody waits
    }
  }
}

test('an error of a call is thrown where it was made', async (t) => {
  const gateway = await (await serve(t, [Asks])).gateway()
  gateway.event('access', await gateway.start('asks'))
  const [call] = await gateway.receive('CALL')
  gateway.send('REPLY', call, null, ['pdk', 'no such consumer'])
  assert.deepEqual((await gateway.receive('DONE'))[2], [[SET, 'x-code', 'pdk']])
})

test('calls are answered in any order, and are never more than the gateway takes', async (t) => {
  const gateway = await (await serve(t, [Asks])).gateway({ limits: { max_calls: 8 } })
  gateway.event('rewrite', await gateway.start('asks'))
  const asked = []
  const open = []
  while (asked.length < 100) {
    while (open.length < 8 && asked.length < 100) {
      open.push((await gateway.receive('CALL'))[0])
      asked.push(open.at(-1))
    }
    gateway.send('REPLY', open.pop(), `secret ${asked.length} ${open.length}`)
  }
  assert.deepEqual(
    asked,
    [...asked].sort((a, b) => a - b),
  )
  for (const call of open) gateway.send('REPLY', call, `last ${call}`)
  assert.equal((await gateway.receive('DONE'))[1], 1)
})

test('changes queued behind a call that nobody waits for are not lost', async (t) => {
  const gateway = await (await serve(t, [Asks])).gateway({ limits: { max_calls: 1 } })
  gateway.event('response', await gateway.start('asks'))
  const add = fn('response.add_header')
  assert.deepEqual((await gateway.receive('CALL'))[4], [[add, 'x-count', '0']])
  assert.deepEqual((await gateway.receive('DONE')).slice(1, 3), [1, [[add, 'x-count', '1'], [add, 'x-count', '2']]]) // prettier-ignore
})

class Sets extends Plugin {
  /** @param {Kong} kong */
  access(kong) {
    kong.ctx.shared.set('by', this.config.name)
    kong.ctx.plugin.set('mine', this.config.name)
  }
}

class Reads {
  /** @param {Kong} kong */
  async access(kong) {
    await kong.service.request.setHeader('x-by', await kong.ctx.shared.get('by'))
  }
}

class Authenticates {
  /** @param {Kong} kong */
  async access(kong) {
    await kong.client.authenticate({ id: 'c' })
  }
}

test('a fused run is its events one after the other, in one write', async (t) => {
  const gateway = await (await serve(t, [Sets, Reads])).gateway()
  const [sets, reads] = [await gateway.start('sets', { name: 's' }), await gateway.start('reads')]
  const before = gateway.reads
  const segments = [[[fn('ctx.shared.get'), 'by'], 'earlier']]
  const event = gateway.event('access', [reads, sets, reads], { segments })
  const outcomes = []
  for (let step = 0; step < 3; step++) outcomes.push((await gateway.receive('DONE')).slice(0, 3))
  assert.deepEqual(outcomes, [
    [event, 0, [[SET, 'x-by', 'earlier']]],
    [event, 0, [[fn('ctx.shared.set'), 'by', 's'], [fn('ctx.plugin.set'), 'mine', 's']]], // prettier-ignore
    [event, 1, [[SET, 'x-by', 's']]],
  ])
  assert.equal(gateway.reads, before + 1)
})

test('a run ends after a step that changes the plan', async (t) => {
  const gateway = await (await serve(t, [Authenticates, Demo])).gateway()
  const steps = [await gateway.start('authenticates'), await gateway.start('demo')]
  const event = gateway.event('access', steps, { facts: REQUEST })
  assert.deepEqual((await gateway.receive('DONE')).slice(0, 2), [event, 1])
})

test('kong.ctx.plugin belongs to one instance', async (t) => {
  class Mine {
    /** @param {Kong} kong */
    async access(kong) {
      kong.service.request.setHeader('x-mine', (await kong.ctx.plugin.get('k')) ?? 'none')
      kong.ctx.plugin.set('k', 'v')
    }
  }
  const gateway = await (await serve(t, [Mine])).gateway()
  const [one, two] = [await gateway.start('mine', {}, 'a'), await gateway.start('mine', {}, 'b')]
  const blocks = [one, two].flatMap((instance) => [[fn('exchange.get_plugin_ctx'), instance], {}])
  gateway.event('access', [one, two], { segments: [blocks] })
  const set = fn('ctx.plugin.set')
  assert.deepEqual((await gateway.receive('DONE'))[2], [[SET, 'x-mine', 'none'], [set, 'k', 'v']]) // prettier-ignore
  assert.deepEqual((await gateway.receive('DONE'))[2], [[SET, 'x-mine', 'none'], [set, 'k', 'v']]) // prettier-ignore
})

test('the keys a handler read are reported when the gateway wants to know', async (t) => {
  const gateway = await (await serve(t, [Demo])).gateway()
  gateway.event('access', await gateway.start('demo'), { facts: REQUEST, flags: 1 })
  const done = await gateway.receive('DONE')
  assert.deepEqual(done[6], [fn('request.get_method'), [fn('request.get_header'), 'x-user']])
})

describe('the end from outside', () => {
  /** @type {unknown[]} */
  const seen = []
  class Waits {
    /** @param {Kong} kong */
    async access(kong) {
      kong.service.request.setHeader('x-half', '1')
      const aborted = new Promise((resolve) => {
        kong.signal.addEventListener('abort', resolve)
      })
      try {
        await kong.client.loadConsumer('bob', true)
      } catch (error) {
        seen.push(error)
      }
      await aborted
      seen.push(kong.signal.reason)
      assert.throws(() => kong.service.request.setHeader('x-late', '1'), Gone)
    }
  }

  test('CANCEL aborts the signal and rejects what is waited for; DONE follows', async (t) => {
    seen.length = 0
    const gateway = await (await serve(t, [Waits])).gateway()
    const event = gateway.event('access', await gateway.start('waits'))
    await gateway.receive('CALL')
    gateway.send('CANCEL', event, 'client_gone')
    assert.deepEqual((await gateway.receive('DONE')).slice(0, 4), [event, 4, [], ['cancelled', 'client_gone']])
    assert(seen.length === 2 && seen.every((error) => error instanceof Gone))
  })

  test('the budget ends a handler that waits', async (t) => {
    const gateway = await (await serve(t, [Waits])).gateway()
    const event = gateway.event('access', await gateway.start('waits'), { budget: 20 })
    await gateway.receive('CALL')
    const text = 'waits: the time for this phase is used up'
    assert.deepEqual((await gateway.receive('DONE')).slice(0, 4), [event, 4, [], ['deadline', text]])
  })

  test('a reply or a CANCEL that comes too late is ignored', async (t) => {
    const gateway = await (await serve(t, [Waits])).gateway()
    const event = gateway.event('access', await gateway.start('waits'), { budget: 20 })
    const [call] = await gateway.receive('CALL')
    await gateway.receive('DONE')
    gateway.send('REPLY', call, null, ['gone'])
    gateway.send('CANCEL', event, 'deadline')
    gateway.send('PING', 1)
    assert.deepEqual(await gateway.receive('PONG'), [1, 0, 0])
  })

  test('a handler that does not stop keeps its credit until it ends', async (t) => {
    let release = () => {}
    class Stuck {
      async access() {
        await new Promise((resolve) => {
          release = () => resolve(undefined)
        })
      }
    }
    const gateway = await (await serve(t, [Stuck], { maxEvents: 1 })).gateway()
    const instance = await gateway.start('stuck')
    const event = gateway.event('access', instance, { budget: 10 })
    const refused = gateway.event('access', instance)
    assert.deepEqual((await gateway.receive('DONE')).slice(0, 4), [refused, 4, [], ['refused', '1 events run']])
    gateway.send('PING', 7)
    assert.deepEqual((await gateway.receive('PONG')).slice(0, 2), [7, 1])
    release()
    assert.equal((await gateway.receive('DONE'))[0], event)
  })
})

describe('logs', () => {
  class Logs {
    /** @param {Kong} kong */
    async access(kong) {
      kong.log('plain ', 1, null, true, [1, { a: 'b' }])
      kong.log.debug('dropped')
      await kong.log.err(new Error('with a stack'))
      kong.log.deprecation('old', { after: '1.0' })
      kong.log.inspect({ a: 1 }, 'b')
    }
  }

  test('go out with their event, below its level they do not', async (t) => {
    const gateway = await (await serve(t, [Logs])).gateway()
    const event = gateway.event('access', await gateway.start('logs'), { level: 3 })
    await gateway.receive('DONE')
    const lines = gateway.logs.map(([number, level, text, fields]) => [
      number === event,
      level,
      text.split('\n')[0],
      fields,
    ])
    assert.deepEqual(lines, [
      [true, 3, "plain 1niltrue[ 1, { a: 'b' } ]", null],
      [true, 5, 'Error: with a stack', null],
      [true, 4, 'old', { after: '1.0' }],
      [true, 3, "{ a: 1 } 'b'", null],
    ])
  })
})

describe('large values', () => {
  const LARGE = Buffer.alloc(200_000, 'x')
  class Large {
    /** @param {Kong} kong */
    async access(kong) {
      const body = await kong.request.getRawBody()
      await kong.service.request.setRawBody(Buffer.concat([body, body]))
    }
  }

  test('travel in chunks both ways, within the window', async (t) => {
    const gateway = await (await serve(t, [Large])).gateway({ limits: { window: 100_000 } })
    const event = gateway.event('access', await gateway.start('large'))
    const [call] = await gateway.receive('CALL')
    for (let place = 0; place < LARGE.length; place += 65536) {
      const piece = LARGE.subarray(place, place + 65536)
      gateway.send('CHUNK', event, 2, piece, place + 65536 >= LARGE.length ? 1 : 0)
    }
    gateway.send('REPLY', call, new Blob(2))
    assert.deepEqual((await gateway.receive('WINDOW')).slice(0, 2), [event, 2])
    let got = 0
    let granted = 100_000
    for (let flags = 0; flags !== 1; ) {
      const [, stream, data, more] = await gateway.receive('CHUNK')
      got += data.length
      assert(got <= granted)
      flags = more
      granted += data.length
      gateway.send('WINDOW', event, stream, data.length)
    }
    assert.equal(got, 400_000)
    const [, outcome, [[number, blob]]] = await gateway.receive('DONE')
    assert.deepEqual([outcome, number, blob.stream], [1, fn('service.request.set_raw_body'), 3])
  })

  test('without streams, what does not fit a frame fails', async (t) => {
    class Huge {
      /** @param {Kong} kong */
      async access(kong) {
        kong.service.request.setRawBody(Buffer.alloc(2_000_000))
      }
    }
    const gateway = await (await serve(t, [Huge])).gateway({ features: [] })
    gateway.event('access', await gateway.start('huge'))
    assert.equal((await gateway.receive('DONE'))[3][0], 'too_large')
  })
})
