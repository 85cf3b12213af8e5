/**
 * The writing side of a connection. Messages gather in one buffer and leave in one write, at the end of the turn in
 * which they came up: what one read brought is mostly answered by one write.
 */

import { LOG_QUEUE_LINES } from './generated/pdk.js'
import { Writer } from './writer.js'

const LOST = 5 // place of `lost` in a LOG message
const FULL = 256 * 1024 // bytes; more than that is handed over without waiting for the end of the turn

export class Outbox {
  #socket
  #writer = new Writer(16 * 1024)
  #isScheduled = false
  #isClosed = false
  /** @type {unknown[][]} */
  #logs = []
  #lostLogs = 0

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.#socket = socket
    /** @type {number | null} since when the socket has not taken what it was given, ms; null: it has */
    this.stuckSince = null
  }

  /**
   * Send a message with others of this turn; after the end of the connection it is dropped. With `limit`, a message of
   * more bytes is not sent. Returns the size of its frame, without the length.
   * @param {readonly unknown[]} message
   * @param {number} [limit]
   */
  write(message, limit = Infinity) {
    const writer = this.#writer
    const before = writer.length
    const size = writer.message(message)
    if (size > limit) writer.truncate(before)
    else if (writer.length > FULL) this.flush()
    else if (!this.#isScheduled) {
      this.#isScheduled = true
      process.nextTick(flush, this)
    }
    return size
  }

  /**
   * Send a LOG message now, or queue it behind what waits; of too many the oldest go and are counted.
   * @param {unknown[]} message
   */
  writeLog(message) {
    if (this.stuckSince !== null) {
      if (this.#logs.length >= LOG_QUEUE_LINES) {
        this.#logs.shift()
        this.#lostLogs++
      }
      this.#logs.push(message)
      return
    }
    message[LOST] = this.#lostLogs
    this.#lostLogs = 0
    this.write(message)
  }

  /** Hand what has gathered to the socket. */
  flush() {
    this.#isScheduled = false
    const writer = this.#writer
    if (writer.length === 0) return
    if (this.#isClosed) {
      writer.clear()
      return
    }
    const socket = this.#socket
    if (socket.writableLength > 0) {
      socket.write(writer.take(), () => this.#progress())
      return
    }
    socket.write(writer.peek())
    if (socket.writableLength === 0) {
      writer.clear() // the kernel has it: the buffer is free again
      return
    }
    writer.take() // the socket keeps the buffer
    this.stuckSince = performance.now()
    socket.write('', () => this.#progress()) // called when all before it is out
  }

  /** Drop what is left; the socket is closed by its owner. */
  close() {
    this.flush()
    this.#isClosed = true
    this.#logs = []
  }

  #progress() {
    if (this.#socket.writableLength > 0) {
      this.stuckSince = performance.now()
      return
    }
    this.stuckSince = null
    const logs = this.#logs
    this.#logs = []
    for (const message of logs) this.writeLog(message)
  }
}

/** @param {Outbox} outbox */
function flush(outbox) {
  outbox.flush()
}
