/**
 * Large values of one event: cut into chunks that stay within the window, and put together again. No I/O.
 *
 * A value over 64 KiB leaves its message for a stream of its own; the message follows when the last chunk is out, and
 * what the event says after that waits behind it, so that nothing overtakes. Frames of other events go between.
 */

import { ProtocolError } from './errors.js'
import { BLOB_THRESHOLD, MAX_CHUNK, WINDOW as WINDOW_SIZE } from './generated/pdk.js'
import { CHUNK, END, WINDOW } from './messages.js'
import { Blob, put } from './values.js'

/** What one event still has to send, in order: streams, and messages that are made when their turn comes. */
export class Outgoing {
  #event
  #window
  #lastStream = 1
  /** @type {(Stream | (() => unknown[]))[]} */
  #waiting = []

  /**
   * @param {number} event
   * @param {number} window bytes that the peer takes on each stream to begin with
   */
  constructor(event, window) {
    this.#event = event
    this.#window = window
  }

  get isEmpty() {
    return this.#waiting.length === 0
  }

  /**
   * Return `value` with all bytes over 64 KiB in it replaced by references to the streams that carry them. Text stays:
   * a blob stands for bytes, and where any value may stand the receiver could not tell.
   * @param {any} value
   * @returns {any}
   */
  extract(value) {
    if (value instanceof Uint8Array) {
      if (value.length <= BLOB_THRESHOLD) return value
      this.#lastStream += 2
      this.#waiting.push(new Stream(this.#lastStream, value, this.#window))
      return new Blob(this.#lastStream)
    }
    return inside(value, (item) => this.extract(item))
  }

  /**
   * Have the message that `build` returns sent behind everything that waits.
   * @param {() => unknown[]} build
   */
  append(build) {
    this.#waiting.push(build)
  }

  /**
   * Take note that the peer takes `count` more bytes on a stream.
   * @param {number} number
   * @param {number} count
   */
  grant(number, count) {
    for (const item of this.#waiting) if (item instanceof Stream && item.number === number) item.window += count
  }

  /** Yield the messages that may go now. */
  *take() {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (first instanceof Stream) {
        yield* first.chunks(this.#event)
        if (!first.isDone) return
        this.#waiting.shift()
      } else {
        this.#waiting.shift()
        yield first()
      }
    }
  }
}

class Stream {
  #data

  /**
   * @param {number} number
   * @param {Uint8Array} data
   * @param {number} window
   */
  constructor(number, data, window) {
    this.number = number
    this.window = window
    this.#data = data
  }

  get isDone() {
    return this.#data.length === 0
  }

  /** @param {number} event */
  *chunks(event) {
    while (!this.isDone && this.window > 0) {
      const size = Math.min(this.#data.length, MAX_CHUNK, this.window)
      const piece = this.#data.subarray(0, size)
      this.#data = this.#data.subarray(size)
      this.window -= size
      yield [CHUNK, event, this.number, piece, this.isDone ? END : 0]
    }
  }
}

/** Values that arrive for one event, each until the message that refers to it. */
export class Incoming {
  #event
  #limit
  #held = 0
  /** @type {Map<number, { parts: Buffer[], credit: number, hasEnded: boolean }>} */
  #streams = new Map()

  /**
   * @param {number} event
   * @param {number} limit bytes of all values together
   */
  constructor(event, limit) {
    this.#event = event
    this.#limit = limit
  }

  /**
   * Take a chunk; return a WINDOW message if the peer should get more room. Throws ProtocolError for more than was
   * granted, or a stream that can't be.
   * @param {number} number
   * @param {Buffer} data
   * @param {number} flags
   * @returns {unknown[] | null}
   */
  add(number, data, flags) {
    const stream = this.#streams.get(number) ?? { parts: [], credit: WINDOW_SIZE, hasEnded: false }
    if (number < 2 || number % 2 !== 0 || stream.hasEnded) {
      throw new ProtocolError(`a chunk on stream ${number}, which the gateway can't use`)
    }
    stream.credit -= data.length
    this.#held += data.length
    if (stream.credit < 0 || data.length > MAX_CHUNK)
      throw new ProtocolError(`more data on stream ${number} than granted`)
    if (this.#held > this.#limit) {
      throw new ProtocolError(`the values of one event hold more than ${this.#limit} bytes`, 'limit')
    }
    this.#streams.set(number, stream)
    stream.parts.push(data)
    if (flags & END) stream.hasEnded = true
    if (stream.hasEnded || stream.credit > WINDOW_SIZE / 2) return null
    const granted = WINDOW_SIZE - stream.credit
    stream.credit = WINDOW_SIZE
    return [WINDOW, this.#event, number, granted]
  }

  /**
   * Return `value` with the references in it replaced by what came on their streams.
   * @param {any} value
   * @returns {any}
   */
  resolve(value) {
    if (!(value instanceof Blob)) return inside(value, (item) => this.resolve(item))
    const stream = this.#streams.get(value.stream)
    if (!stream?.hasEnded || stream.parts.length === 0) {
      throw new ProtocolError(`a reference to stream ${value.stream}, which has not ended`)
    }
    const data = Buffer.concat(stream.parts)
    stream.parts = []
    this.#held -= data.length
    return data
  }
}

/**
 * @param {any} value
 * @param {(item: any) => any} replace
 */
function inside(value, replace) {
  if (Array.isArray(value)) return value.map(replace)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || value instanceof Blob) return value
  /** @type {Record<string, any>} */
  const copy = {}
  for (const [key, item] of Object.entries(value)) put(copy, key, replace(item))
  return copy
}
