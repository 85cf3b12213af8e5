/** Which values may travel, and what they look like then. */

import { PdkError } from './errors.js'
import { MAX_DEPTH } from './generated/pdk.js'
import { isText } from './text.js'

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

/** MessagePack's number for it on the wire. */
export const BLOB_EXTENSION = 1

/** Stands in a message for a large value that travels in chunks on a stream of its event. */
export class Blob {
  /** @param {number} stream */
  constructor(stream) {
    this.stream = stream
  }
}

/**
 * Return `value` as the wire would give it back, or the value itself where it can't change any more: containers and
 * bytes are copied, so that a plugin that goes on changing one does not change what was sent. A Map becomes an object,
 * undefined null; undefined fields of an object are left out, as in JSON. `depth`: containers around it in its message.
 *
 * @param {unknown} value
 * @param {number} [depth]
 * @returns {any} throws PdkError `bad_args` when the wire has no such value (a date, a set, NaN, a function …)
 */
export function plain(value, depth = 3) {
  switch (typeof value) {
    case 'string':
      if (!isText(value)) throw new PdkError('bad_args', 'a text with a lone surrogate')
      return value
    case 'boolean':
      return value
    case 'number':
      if (!Number.isFinite(value)) throw new PdkError('bad_args', `${value} can't be sent: it is not finite`)
      return value
    case 'bigint':
      if (value < INT64_MIN || value > INT64_MAX) throw new PdkError('bad_args', `${value} does not fit into 64 bits`)
      return value
    case 'undefined':
      return null
    case 'object':
      return value === null ? null : plainObject(value, depth)
    default:
      throw refused(value)
  }
}

/**
 * @param {object} value
 * @param {number} depth
 */
function plainObject(value, depth) {
  if (value instanceof Uint8Array) return Buffer.from(value)
  if (value instanceof ArrayBuffer) return Buffer.from(new Uint8Array(value))
  if (value instanceof Blob) return value
  if (depth >= MAX_DEPTH) throw new PdkError('bad_args', `nested more than ${MAX_DEPTH} deep`)
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1))
  if (!isMap(value)) throw refused(value)
  /** @type {Record<string, any>} */
  const copy = {}
  for (const [key, item] of value instanceof Map ? value : Object.entries(value)) {
    if (typeof key !== 'string') throw new PdkError('bad_args', `keys of a map are strings, not ${kindOf(key)}`)
    if (!key.isWellFormed()) throw new PdkError('bad_args', 'a key of a map with a lone surrogate')
    if (item !== undefined) put(copy, key, plain(item, depth + 1))
  }
  return copy
}

/**
 * Whether a value is what the protocol calls a map: a plain object, or a Map.
 * @param {unknown} value
 * @returns {value is Record<string, any>}
 */
export function isMap(value) {
  if (typeof value !== 'object' || value === null) return false
  if (value instanceof Map) return true
  const prototype = Object.getPrototypeOf(value)
  // of another realm (a vm context) as well: its Object.prototype has no prototype of its own either
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}

/**
 * Set a field. The name may come from a client: `__proto__` is a name like others.
 * @param {Record<string, any>} map
 * @param {string} key
 * @param {unknown} value
 */
export function put(map, key, value) {
  if (key === '__proto__') {
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
  } else {
    map[key] = value
  }
}

/**
 * Say what a value is, for messages.
 * @param {unknown} value
 */
export function kindOf(value) {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'object') return value.constructor?.name ?? 'object'
  return typeof value
}

/** @param {unknown} value */
function refused(value) {
  return new PdkError(
    'bad_args',
    `a value of type ${kindOf(value)} can't be sent; give text, a number, an array or an object`,
  )
}
