/** Writes MessagePack of oarlock/1: frames go straight into the buffer that goes to the socket. */

import { bytesOfText } from './text.js'
import { Blob, BLOB_EXTENSION } from './values.js'

const SHORT = 24 // characters: up to here a loop in JavaScript beats a call into C++

/** A growing buffer of whole frames. */
export class Writer {
  #bytes
  #place = 0
  #size

  /** @param {number} size bytes to begin with */
  constructor(size) {
    this.#bytes = Buffer.allocUnsafeSlow(size)
    this.#size = size
  }

  /** Bytes written and not taken yet. */
  get length() {
    return this.#place
  }

  /** Return what was written; the buffer goes with it. */
  take() {
    const taken = this.#bytes.subarray(0, this.#place)
    this.#bytes = Buffer.allocUnsafeSlow(this.#size)
    this.#place = 0
    return taken
  }

  /** Return what was written without giving the buffer away; for a socket that has sent it when it returns. */
  peek() {
    return this.#bytes.subarray(0, this.#place)
  }

  /** Begin anew in the same buffer. */
  clear() {
    this.#place = 0
  }

  /**
   * Take back what was written behind `length`.
   * @param {number} length
   */
  truncate(length) {
    this.#place = length
  }

  /** @param {Uint8Array} bytes whole frames */
  append(bytes) {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#place)
    this.#place += bytes.length
  }

  /**
   * Write a message as a frame and return the frame's size without its length.
   * @param {readonly unknown[]} message
   */
  message(message) {
    const start = this.#place
    this.#reserve(4)
    this.#place += 4
    this.#value(message)
    const size = this.#place - start - 4
    this.#bytes.writeUInt32BE(size, start)
    return size
  }

  /** @param {number} size */
  #reserve(size) {
    if (this.#place + size <= this.#bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.#place + size))
    this.#bytes.copy(grown, 0, 0, this.#place)
    this.#bytes = grown
  }

  /**
   * @param {unknown} value
   * @returns {void}
   */
  #value(value) {
    switch (typeof value) {
      case 'string':
        return this.#text(value)
      case 'number':
        return this.#number(value)
      case 'boolean':
        return this.#byte(value ? 0xc3 : 0xc2)
      case 'bigint':
        return this.#bigint(value)
      case 'undefined':
        return this.#byte(0xc0)
    }
    if (value === null) return this.#byte(0xc0)
    if (Array.isArray(value)) {
      this.#head(value.length, 0x90, 15, 0xdc, 2)
      for (const item of value) this.#value(item)
    } else if (value instanceof Uint8Array) {
      this.#head(value.length, 0, -1, 0xc4, 1)
      this.append(value)
    } else if (value instanceof Blob) {
      this.#reserve(6)
      this.#bytes[this.#place++] = 0xd6
      this.#bytes[this.#place++] = BLOB_EXTENSION
      this.#place = this.#bytes.writeUInt32BE(value.stream, this.#place)
    } else {
      const entries = Object.entries(/** @type {object} */ (value))
      this.#head(entries.length, 0x80, 15, 0xde, 2)
      for (const [key, item] of entries) {
        this.#text(key)
        this.#value(item)
      }
    }
  }

  /** @param {number} byte */
  #byte(byte) {
    this.#reserve(1)
    this.#bytes[this.#place++] = byte
  }

  /**
   * Write a count or length in its shortest form: in one byte with `tiny` up to `most`, else behind `wide` and up.
   * @param {number} count
   * @param {number} tiny
   * @param {number} most
   * @param {number} wide the head for the narrowest length field
   * @param {number} width of that field
   */
  #head(count, tiny, most, wide, width) {
    this.#reserve(5)
    if (count <= most) {
      this.#bytes[this.#place++] = tiny | count
      return
    }
    let head = wide
    while (width < 4 && count >= 2 ** (8 * width)) {
      width *= 2
      head++
    }
    this.#bytes[this.#place++] = head
    this.#place = this.#bytes.writeUIntBE(count, this.#place, width)
  }

  /**
   * @param {string} text
   * @returns {void}
   */
  #text(text) {
    const length = text.length
    if (length <= SHORT) {
      this.#reserve(length + 1)
      const bytes = this.#bytes
      const place = this.#place + 1
      let index = 0
      for (; index < length; index++) {
        const unit = text.charCodeAt(index)
        if (unit > 0x7f) break
        bytes[place + index] = unit
      }
      if (index === length) {
        bytes[this.#place] = 0xa0 | length
        this.#place = place + length
        return
      }
    }
    if (!text.isWellFormed()) return this.#value(bytesOfText(text))
    const size = Buffer.byteLength(text, 'utf8')
    this.#head(size, 0xa0, 31, 0xd9, 1)
    this.#reserve(size)
    this.#place += this.#bytes.write(text, this.#place, size, 'utf8')
  }

  /** @param {number} number */
  #number(number) {
    this.#reserve(9)
    const bytes = this.#bytes
    if (!Number.isSafeInteger(number)) {
      bytes[this.#place++] = 0xcb
      this.#place = bytes.writeDoubleBE(number, this.#place)
    } else if (number >= 0) {
      if (number <= 0x7f) bytes[this.#place++] = number
      else this.#unsigned(number)
    } else if (number >= -32) bytes[this.#place++] = 0x100 + number
    else this.#negative(number)
  }

  /** @param {bigint} value */
  #bigint(value) {
    if (Number.isSafeInteger(Number(value))) return this.#number(Number(value))
    this.#reserve(9)
    this.#bytes[this.#place++] = value < 0 ? 0xd3 : 0xcf
    this.#place = this.#bytes.writeBigUInt64BE(BigInt.asUintN(64, value), this.#place)
  }

  /** @param {number} number */
  #unsigned(number) {
    const bytes = this.#bytes
    if (number <= 0xff) {
      bytes[this.#place++] = 0xcc
      bytes[this.#place++] = number
    } else if (number <= 0xffff) {
      bytes[this.#place++] = 0xcd
      this.#place = bytes.writeUInt16BE(number, this.#place)
    } else if (number <= 0xffffffff) {
      bytes[this.#place++] = 0xce
      this.#place = bytes.writeUInt32BE(number, this.#place)
    } else {
      bytes[this.#place++] = 0xcf
      this.#place = bytes.writeBigUInt64BE(BigInt(number), this.#place)
    }
  }

  /** @param {number} number */
  #negative(number) {
    const bytes = this.#bytes
    if (number >= -0x80) {
      bytes[this.#place++] = 0xd0
      this.#place = bytes.writeInt8(number, this.#place)
    } else if (number >= -0x8000) {
      bytes[this.#place++] = 0xd1
      this.#place = bytes.writeInt16BE(number, this.#place)
    } else if (number >= -0x80000000) {
      bytes[this.#place++] = 0xd2
      this.#place = bytes.writeInt32BE(number, this.#place)
    } else {
      bytes[this.#place++] = 0xd3
      this.#place = bytes.writeBigInt64BE(BigInt(number), this.#place)
    }
  }
}
