/** The vectors that every implementation of oarlock/1 runs, at this end. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { decode, encode, FrameReader } from '../src/codec.js'
import { Cursor } from '../src/cursor.js'
import { PdkError, ProtocolError } from '../src/errors.js'
import { Facts, MISSING } from '../src/facts.js'
import { PHASE_NAMES, PHASES } from '../src/generated/pdk.js'
import * as messages from '../src/messages.js'
import { BY_NAME, HIGHEST } from '../src/table.js'
import { textOf } from '../src/text.js'
import { load, valueOf } from './support/vectors.js'

/** @type {Record<number, (cursor: Cursor) => unknown>} */
const READERS = {
  [messages.HELLO]: messages.readHello,
  [messages.PING]: (cursor) => messages.readId(cursor, 'PING'),
  [messages.DRAIN]: messages.readDrain,
  [messages.START]: messages.readStart,
  [messages.CLOSE]: (cursor) => messages.readId(cursor, 'CLOSE'),
  [messages.EVENT]: messages.readEvent,
  [messages.CANCEL]: messages.readCancel,
  [messages.REPLY]: messages.readReply,
  [messages.CHUNK]: messages.readChunk,
  [messages.WINDOW]: messages.readWindow,
}

/**
 * Check a message of the host as the server does.
 * @param {Buffer} frame
 */
function read(frame) {
  const cursor = new Cursor(frame)
  if (READERS[cursor.type] === undefined) throw new ProtocolError('not for a server')
  return READERS[cursor.type](cursor)
}

describe('frames are cut wherever the socket cuts', () => {
  for (const vector of load('frames.json', 'good')) {
    test(vector.name, () => {
      const data = Buffer.from(vector.hex, 'hex')
      for (let size = 1; size <= Math.max(1, data.length); size++) {
        const reader = new FrameReader()
        const found = []
        for (let place = 0; place < data.length; place += size) {
          found.push(...reader.feed(data.subarray(place, place + size)).map(decode))
        }
        assert.deepEqual(found, valueOf(vector.arrays))
        assert.equal(reader.rest, vector.rest)
      }
    })
  }
})

describe('malformed frames are protocol errors', () => {
  for (const vector of load('frames.json', 'malformed').filter((one) => one.from === 'host')) {
    test(vector.name, () => {
      const reader = new FrameReader(vector.max_frame)
      /** @type {unknown[]} */
      const whole = []
      assert.throws(() => {
        for (const frame of reader.feed(Buffer.from(vector.hex, 'hex'))) {
          read(frame)
          whole.push(decode(frame))
        }
      }, ProtocolError)
      assert.deepEqual(whole, valueOf(vector.arrays ?? []))
    })
  }
})

test('frames in front of a bad length come out', () => {
  const reader = new FrameReader()
  /** @type {Buffer[]} */
  const frames = []
  assert.throws(() => reader.feed(Buffer.from('0000000392040100000000', 'hex'), frames), ProtocolError)
  assert.deepEqual(frames.map(decode), [[4, 1]])
})

describe('messages', () => {
  for (const vector of load('messages.json', 'messages')) {
    const data = Buffer.from(vector.hex, 'hex')
    test(`${vector.name}: is read as the vector says`, () => {
      const [frame] = new FrameReader().feed(data)
      assert.deepEqual(decode(frame), valueOf(vector.array))
      if (vector.from === 'host') read(frame)
    })
    test(`${vector.name}: is written so that it reads the same`, () => {
      const frame = encode(valueOf(vector.array))
      assert.deepEqual(decode(frame.subarray(4)), valueOf(vector.array))
      const hasWholeFloat = JSON.stringify(vector.array).includes('$float')
      if (vector.encode !== false && !hasWholeFloat) assert.equal(frame.toString('hex'), vector.hex)
    })
  }
})

test('a float is not an integer where a field is one', () => {
  const ping = Buffer.concat([Buffer.from([0x92, 4, 0xcb]), Buffer.from('3ff0000000000000', 'hex')])
  assert.throws(() => read(ping), ProtocolError)
})

describe('lookups give the same answer everywhere', () => {
  for (const vector of load('lookups.json', 'lookups')) {
    test(vector.name, () => {
      const rule = BY_NAME.get(vector.function)
      assert(rule)
      const key = rule.lookup === 'plugin_key' ? [rule.lookupIn, 7] : rule.lookupIn
      const facts = new Facts([[key, valueOf(vector.block)]])
      const result = facts.get(rule, valueOf(vector.args), 7)
      assert.notEqual(result, MISSING)
      assert.deepEqual(plainOf(result), textIn(valueOf(vector.result)))
    })
  }
})

describe('arguments are checked where the plugin calls', () => {
  for (const vector of load('pdk_calls.json', 'calls').filter((one) => one.checked_by !== 'host')) {
    test(vector.name, () => {
      const rule = BY_NAME.get(vector.function)
      assert(rule)
      const use = () => {
        rule.checkUsable(rule.spec.phases[0], HIGHEST)
        return rule.checked(valueOf(vector.args))
      }
      if (vector.error) assert.throws(use, (error) => error instanceof PdkError && error.code === vector.error)
      else assert.deepEqual(decode(encode([1, use()]).subarray(4))[1], valueOf(vector.wire))
    })
  }
})

test('every function can be used in its phases alone', () => {
  const phases = load('phases.json', 'phases')
  for (const [name, allowed] of Object.entries(load('phases.json', 'allowed'))) {
    const rule = BY_NAME.get(name)
    assert(rule, name)
    const found = phases.map((phase) => (rule.phases & (1 << /** @type {any} */ (PHASES)[phase])) !== 0)
    assert.deepEqual(found, allowed, `${name} in ${Object.values(PHASE_NAMES)}`)
  }
})

/**
 * Headers and queries come without prototype; here only what is in them matters.
 * @param {any} value
 */
function plainOf(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : value
}

/**
 * @param {any} value
 * @returns {any}
 */
function textIn(value) {
  if (value instanceof Uint8Array) return textOf(value)
  if (Array.isArray(value)) return value.map(textIn)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, textIn(item)]))
}
