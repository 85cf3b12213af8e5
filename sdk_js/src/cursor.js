/**
 * Reads MessagePack of oarlock/1. What the protocol demands (depth, counts before anything is allocated, string keys,
 * finite numbers, one extension type) is checked while it reads.
 */

import { isUtf8 } from 'node:buffer'

import { ProtocolError } from './errors.js'
import { MAX_DEPTH } from './generated/pdk.js'
import { Blob, BLOB_EXTENSION, put } from './values.js'

const SHORT = 24 // characters: up to here a loop in JavaScript beats a call into C++

/** Reads one message, value by value. Everything throws ProtocolError for what oarlock/1 forbids. */
export class Cursor {
  #bytes
  #place = 2
  #end

  /** @param {Buffer} frame */
  constructor(frame) {
    if (frame.length < 2 || frame[0] < 0x91 || frame[0] > 0x9f || frame[1] > 0x7f) {
      throw new ProtocolError(`not a message: it begins with ${frame.toString('hex', 0, 2) || 'nothing'}`)
    }
    this.#bytes = frame
    this.#end = frame.length
    this.type = frame[1]
    this.left = (frame[0] & 0x0f) - 1 // fields still to come
  }

  /** Whether there is a field, and it is not nil; a nil is read. */
  has() {
    if (this.left === 0) return false
    if (this.#bytes[this.#place] !== 0xc0) return true
    this.left--
    this.#place++
    return false
  }

  /** Read the next field, whatever it is. */
  value() {
    this.left--
    return this.#value(1)
  }

  /**
   * Read the next field, an integer from `lowest` up; a float is none, even a whole one.
   * @param {string} what
   * @param {number} [lowest]
   * @param {number} [highest]
   * @returns {number}
   */
  integer(what, lowest = 0, highest = Number.MAX_SAFE_INTEGER) {
    if (this.left === 0) throw new ProtocolError(`${what} is missing`)
    const head = this.#bytes[this.#place]
    const value = this.value()
    if (typeof value !== 'number' || head === 0xca || head === 0xcb || !(value >= lowest && value <= highest)) {
      throw new ProtocolError(`${what}: not an integer from ${lowest} to ${highest}`)
    }
    return value
  }

  /** Read what is left, fields of the future; the message must end with them. */
  end() {
    while (this.left > 0) this.value()
    if (this.#place !== this.#end) throw new ProtocolError(`${this.#end - this.#place} bytes behind the message`)
  }

  /**
   * @param {number} depth containers around the value
   * @returns {any}
   */
  #value(depth) {
    const bytes = this.#bytes
    if (this.#place >= this.#end) throw new ProtocolError('a value is cut short')
    const head = bytes[this.#place++]
    if (head <= 0x7f) return head
    if (head >= 0xe0) return head - 0x100
    if (head >= 0xa0 && head <= 0xbf) return this.#text(head & 0x1f)
    if (head >= 0x90 && head <= 0x9f) return this.#array(head & 0x0f, depth)
    if (head <= 0x8f) return this.#map(head & 0x0f, depth)
    switch (head) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return Buffer.from(this.#take(this.#length(1 << (head - 0xc4))))
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#extension(this.#length(1 << (head - 0xc7)))
      case 0xca:
        return finite(bytes.readFloatBE(this.#skip(4)))
      case 0xcb:
        return finite(bytes.readDoubleBE(this.#skip(8)))
      case 0xcc:
        return bytes[this.#skip(1)]
      case 0xcd:
        return bytes.readUInt16BE(this.#skip(2))
      case 0xce:
        return bytes.readUInt32BE(this.#skip(4))
      case 0xcf:
        return fitting(bytes.readBigUInt64BE(this.#skip(8)))
      case 0xd0:
        return bytes.readInt8(this.#skip(1))
      case 0xd1:
        return bytes.readInt16BE(this.#skip(2))
      case 0xd2:
        return bytes.readInt32BE(this.#skip(4))
      case 0xd3:
        return fitting(bytes.readBigInt64BE(this.#skip(8)))
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(1 << (head - 0xd4))
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#length(1 << (head - 0xd9)))
      case 0xdc:
      case 0xdd:
        return this.#array(this.#length(2 << (head - 0xdc)), depth)
      case 0xde:
      case 0xdf:
        return this.#map(this.#length(2 << (head - 0xde)), depth)
      default:
        throw new ProtocolError(`${head.toString(16)} begins no value`)
    }
  }

  /** @param {number} size */
  #skip(size) {
    const place = this.#place
    if (size > this.#end - place) throw new ProtocolError(`${size} bytes announced, ${this.#end - place} are left`)
    this.#place = place + size
    return place
  }

  /** @param {number} size */
  #take(size) {
    const place = this.#skip(size)
    return this.#bytes.subarray(place, place + size)
  }

  /** @param {number} width */
  #length(width) {
    return this.#bytes.readUIntBE(this.#skip(width), width)
  }

  /** @param {number} size */
  #text(size) {
    const place = this.#skip(size)
    const bytes = this.#bytes
    if (size <= SHORT) {
      let text = ''
      let index = place
      for (; index < place + size && bytes[index] < 0x80; index++) text += String.fromCharCode(bytes[index])
      if (index === place + size) return text
    }
    const text = bytes.toString('utf8', place, place + size)
    // a byte that is not UTF-8 came out as U+FFFD, which may as well have been sent
    if (text.includes('\ufffd') && !isUtf8(bytes.subarray(place, place + size))) {
      throw new ProtocolError('a str that is not UTF-8')
    }
    return text
  }

  /**
   * @param {number} count
   * @param {number} depth
   */
  #array(count, depth) {
    this.#room(count, depth)
    const array = []
    for (let index = 0; index < count; index++) array.push(this.#value(depth + 1))
    return array
  }

  /**
   * @param {number} count
   * @param {number} depth
   */
  #map(count, depth) {
    this.#room(2 * count, depth)
    /** @type {Record<string, any>} */
    const map = {}
    for (let index = 0; index < count; index++) {
      const key = this.#value(depth + 1)
      if (typeof key !== 'string') throw new ProtocolError('a key of a map is not a string')
      put(map, key, this.#value(depth + 1))
    }
    return map
  }

  /**
   * @param {number} count
   * @param {number} depth
   */
  #room(count, depth) {
    if (depth >= MAX_DEPTH) throw new ProtocolError(`nested more than ${MAX_DEPTH} deep`)
    if (count > this.#end - this.#place) throw new ProtocolError(`${count} values announced in fewer bytes`)
  }

  /** @param {number} size */
  #extension(size) {
    const type = this.#bytes[this.#skip(1)]
    if (type !== BLOB_EXTENSION || size !== 4) throw new ProtocolError(`an extension of type ${type} and ${size} bytes`)
    return new Blob(this.#bytes.readUInt32BE(this.#skip(4)))
  }
}

/** @param {number} value */
function finite(value) {
  if (!Number.isFinite(value)) throw new ProtocolError('a number that is not finite')
  return value
}

/** @param {bigint} value a BigInt stays one where a number would be rounded */
function fitting(value) {
  if (value > 0x7fffffffffffffffn) throw new ProtocolError('an integer over 64 bits with its sign')
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
