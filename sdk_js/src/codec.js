/**
 * Frames of oarlock/1, this end of it. Bytes in, messages out, no I/O. A frame is a u32 big-endian length and one
 * MessagePack array whose first element is the message's type; `cursor.js` reads that, `writer.js` writes it.
 */

import { Cursor } from './cursor.js'
import { ProtocolError } from './errors.js'
import { MAX_FRAME_DEFAULT } from './generated/pdk.js'
import { Writer } from './writer.js'

/** Cuts what a socket delivers into frames, however it was cut on the way. */
export class FrameReader {
  /** @type {Buffer[]} */
  #parts = []
  #held = 0
  #needed = 4

  /** @param {number} [maxFrame] bytes, the length in front not counted */
  constructor(maxFrame = MAX_FRAME_DEFAULT) {
    this.maxFrame = maxFrame
  }

  /**
   * Return the whole frames there are now, without their length. Throws ProtocolError for a length of 0 or over
   * `maxFrame`, before the frame's body has come; the frames in front of it are in `before`.
   *
   * @param {Buffer} data
   * @param {Buffer[]} [before]
   * @returns {Buffer[]}
   */
  feed(data, before = []) {
    if (this.#held > 0) {
      this.#parts.push(data)
      this.#held += data.length
      if (this.#held < this.#needed) return before
      data = Buffer.concat(this.#parts, this.#held)
      this.#parts = []
      this.#held = 0
    }
    let start = 0
    this.#needed = 4
    while (data.length - start >= 4) {
      const length = data.readUInt32BE(start)
      if (length === 0 || length > this.maxFrame) {
        throw new ProtocolError(`a frame of ${length} bytes; from 1 to ${this.maxFrame} are allowed`)
      }
      const stop = start + 4 + length
      if (stop > data.length) {
        this.#needed = stop - start
        break
      }
      before.push(data.subarray(start + 4, stop))
      start = stop
    }
    if (start < data.length) {
      this.#parts.push(data.subarray(start))
      this.#held = data.length - start
    }
    return before
  }

  /** Bytes at the end that are not a whole frame yet. */
  get rest() {
    return this.#held
  }
}

/**
 * Return the message in a frame as an array with the type first.
 * @param {Buffer} frame without its length
 * @returns {any[]}
 */
export function decode(frame) {
  const cursor = new Cursor(frame)
  const message = [cursor.type]
  while (cursor.left > 0) message.push(cursor.value())
  cursor.end()
  return message
}

/**
 * Return a message as a frame, its length in front. Its values must have passed `plain`.
 * @param {readonly unknown[]} message
 */
export function encode(message) {
  const writer = new Writer(256)
  writer.message(message)
  return writer.take()
}
