/**
 * The messages of oarlock/1 that the gateway sends, checked as they are read.
 *
 * A wrong type of a known field is a protocol error; fields that are not known are ignored; fields that were cut take
 * their default. Codes that are not known are no error.
 */

import { ProtocolError } from './errors.js'
import { MAX_CALLS, MAX_FRAME_DEFAULT, MESSAGES, OUTCOMES, PING_MS, WINDOW as WINDOW_SIZE } from './generated/pdk.js'
import { Blob, isMap } from './values.js'

export const { HELLO, WELCOME, PING, PONG, DRAIN, START, STARTED, CLOSE } = MESSAGES
export const { EVENT, DONE, CANCEL, CALL, REPLY, LOG, CHUNK, WINDOW } = MESSAGES

export const NEXT = OUTCOMES.next
export const DONE_OK = OUTCOMES.done
export const EXIT = OUTCOMES.exit
export const ERROR_PAGE = OUTCOMES.error_page
export const FAILED = OUTCOMES.failed

/** Flags of EVENT. */
export const REPORT_READS = 1
export const IS_RERUN = 2

/** Flag of CHUNK: the stream's last one. */
export const END = 1

/** @typedef {import('./cursor.js').Cursor} Cursor */

/**
 * What the gateway says of itself. Sizes in bytes, `ping` in ms, `level` the log threshold outside of events; `node` is
 * part of the identity within which plugin objects are shared.
 * @typedef {{
 *   role: string, versions: [number, number], features: Set<string>, node: string, peers: number, maxFrame: number,
 *   window: number, maxCalls: number, pdk: number, ping: number, level: number
 * }} Hello
 */

/** @typedef {{ instance: number, plugin: string, key: string, config: Record<string, any>, name: string | null }} Start */

/**
 * `steps`: instance, budget in ms, instance, budget in ms …
 * @typedef {{ event: number, phase: number, steps: number[], facts: any[][], level: number, flags: number }} EventMessage
 */

/** @typedef {{ call: number, result: any, error: [code: string, text: string] | null }} Reply */

/** @typedef {{ event: number, stream: number, data: Buffer, flags: number }} Chunk */

/**
 * @param {Cursor} cursor
 * @returns {Hello}
 */
export function readHello(cursor) {
  const [word, values] = [field(cursor, 'HELLO'), field(cursor, 'HELLO')]
  cursor.end()
  if (word !== 'oarlock' || !isMap(values)) throw new ProtocolError('the first message is not HELLO of oarlock')
  const map = values
  const [host, limits] = [submap(map, 'host'), submap(map, 'limits')]
  const versions = map.versions ?? [1, 1]
  if (!Array.isArray(versions) || versions.length !== 2 || !versions.every(Number.isSafeInteger)) {
    throw new ProtocolError('HELLO: versions is not [min, max]')
  }
  const features = map.features ?? []
  if (!Array.isArray(features)) throw new ProtocolError('HELLO: features is not an array')
  return {
    role: text(map, 'role', 'worker'),
    versions: [versions[0], versions[1]],
    features: new Set(features),
    node: text(host, 'node_id', ''),
    peers: Math.max(1, integer(host, 'peers', 1)),
    maxFrame: integer(limits, 'max_frame', MAX_FRAME_DEFAULT),
    window: integer(limits, 'window', WINDOW_SIZE),
    maxCalls: Math.max(1, integer(limits, 'max_calls', MAX_CALLS)),
    pdk: integer(map, 'pdk', Number.MAX_SAFE_INTEGER),
    ping: Math.max(1, integer(map, 'ping_ms', PING_MS)),
    level: integer(map, 'level', 3),
  }
}

/**
 * @param {Cursor} cursor
 * @returns {Start}
 */
export function readStart(cursor) {
  const values = field(cursor, 'START')
  cursor.end()
  if (!isMap(values)) throw new ProtocolError('START holds no map')
  const map = values
  if (!isId(map.instance)) throw new ProtocolError('START: instance is not an id')
  return {
    instance: map.instance,
    plugin: text(map, 'plugin', ''),
    key: text(map, 'key', ''),
    config: submap(map, 'config'),
    name: typeof map.name === 'string' ? map.name : null,
  }
}

/**
 * @param {Cursor} cursor
 * @returns {EventMessage}
 */
export function readEvent(cursor) {
  const event = cursor.integer('EVENT: event', 1)
  const phase = cursor.integer('EVENT: phase')
  const steps = field(cursor, 'EVENT')
  const facts = cursor.has() ? cursor.value() : []
  const level = cursor.has() ? cursor.integer('EVENT: level') : 0
  const flags = cursor.has() ? cursor.integer('EVENT: flags') : 0
  cursor.end()
  if (!Array.isArray(steps) || steps.length === 0 || steps.length % 2 !== 0 || !steps.every(isStepPart)) {
    throw new ProtocolError('EVENT: steps are pairs of instance and budget')
  }
  if (!Array.isArray(facts) || !facts.every((segment) => Array.isArray(segment) && segment.length % 2 === 0)) {
    throw new ProtocolError('EVENT: facts are segments of keys and values')
  }
  return { event, phase, steps, facts, level, flags }
}

/**
 * @param {Cursor} cursor
 * @returns {{ event: number, reason: string }}
 */
export function readCancel(cursor) {
  const event = cursor.integer('CANCEL: event')
  const reason = cursor.has() ? cursor.value() : ''
  cursor.end()
  if (typeof reason !== 'string') throw new ProtocolError('CANCEL: the reason is a text')
  return { event, reason }
}

/**
 * @param {Cursor} cursor
 * @returns {Reply}
 */
export function readReply(cursor) {
  const call = cursor.integer('REPLY: call')
  const result = cursor.has() ? cursor.value() : null
  const error = cursor.has() ? cursor.value() : null
  cursor.end()
  if (error === null) return { call, result, error: null }
  if (!Array.isArray(error) || error.length === 0 || !error.slice(0, 2).every((part) => typeof part === 'string')) {
    throw new ProtocolError('REPLY: an error is [code, text]')
  }
  return { call, result: null, error: [error[0], error[1] ?? ''] }
}

/**
 * @param {Cursor} cursor
 * @returns {Chunk}
 */
export function readChunk(cursor) {
  const event = cursor.integer('CHUNK: event')
  const stream = cursor.integer('CHUNK: stream')
  const data = field(cursor, 'CHUNK')
  const flags = cursor.has() ? cursor.integer('CHUNK: flags') : 0
  cursor.end()
  if (!Buffer.isBuffer(data)) throw new ProtocolError('CHUNK: the data are bytes')
  return { event, stream, data, flags }
}

/**
 * @param {Cursor} cursor
 * @returns {{ event: number, stream: number, count: number }}
 */
export function readWindow(cursor) {
  const event = cursor.integer('WINDOW: event')
  const stream = cursor.integer('WINDOW: stream')
  const count = cursor.integer('WINDOW: bytes')
  cursor.end()
  return { event, stream, count }
}

/**
 * Read a message that is one id: PING, CLOSE.
 * @param {Cursor} cursor
 * @param {string} what
 */
export function readId(cursor, what) {
  const id = cursor.integer(what)
  cursor.end()
  return id
}

/**
 * "" as code is an orderly end.
 * @param {Cursor} cursor
 * @returns {{ code: string, text: string }}
 */
export function readDrain(cursor) {
  const code = cursor.has() ? cursor.value() : ''
  const words = cursor.has() ? cursor.value() : ''
  cursor.end()
  if (typeof code !== 'string') throw new ProtocolError('DRAIN: the code is a text')
  return { code, text: String(words) }
}

/**
 * @param {Cursor} cursor
 * @param {string} what
 * @returns {unknown}
 */
function field(cursor, what) {
  if (cursor.left === 0) throw new ProtocolError(`${what} lacks fields`)
  return cursor.value()
}

/** @param {unknown} value */
function isId(value) {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** @param {unknown} value */
function isStepPart(value) {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value <= Number.MAX_SAFE_INTEGER
}

/**
 * @param {Record<string, unknown>} map
 * @param {string} key
 * @returns {Record<string, any>}
 */
function submap(map, key) {
  const value = map[key] ?? {}
  if (!isMap(value) || value instanceof Blob) throw new ProtocolError(`${key} is not a map`)
  return value
}

/**
 * @param {Record<string, unknown>} map
 * @param {string} key
 * @param {string} otherwise
 */
function text(map, key, otherwise) {
  const value = map[key] ?? otherwise
  if (typeof value !== 'string') throw new ProtocolError(`${key} is not a text`)
  return value
}

/**
 * @param {Record<string, unknown>} map
 * @param {string} key
 * @param {number} otherwise
 */
function integer(map, key, otherwise) {
  const value = map[key] ?? otherwise
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new ProtocolError(`${key} is not an integer`)
  }
  return value
}
