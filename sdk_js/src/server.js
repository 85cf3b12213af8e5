/**
 * The plugin server: it listens, says what it offers, and drains when it is told to. One process is one member with one
 * address and one event loop.
 */

import { fstatSync } from 'node:fs'

import { Connection } from './connection.js'
import { encode } from './codec.js'
import { Deadlines } from './deadlines.js'
import { PluginError } from './errors.js'
import { currentEvent } from './event.js'
import { describeError } from './failure.js'
import { DRAIN_GRACE, MAX_FRAME_DEFAULT, MAX_LOG_EVENTS, WINDOW } from './generated/pdk.js'
import { Instances } from './instances.js'
import { DRAIN } from './messages.js'
import { buildOf } from './plugin.js'
import { HIGHEST } from './table.js'
import { VERSION } from './version.js'

/** @typedef {import('./plugin.js').Declaration} Declaration */

/** Handlers at once, over all connections. */
export const MAX_EVENTS = 256

const MAX_CONNECTIONS = 256
const STOP_TIMEOUT = 5 // seconds for `stop` of the plugins
const SIGNALS = /** @type {const} */ (['SIGTERM', 'SIGINT'])

export class Server {
  #declarations
  #maxEvents
  #build
  /** @type {Set<Connection>} */
  #connections = new Set()
  /** @type {import('node:net').Server | null} */
  #listener = null
  /** @type {() => void} */
  #stop = () => {}
  /** @type {Promise<void>} */
  #stopped

  /**
   * @param {readonly Declaration[]} declarations
   * @param {{ maxEvents?: number, report?: (line: string) => void }} [options] `report` takes what the operator should
   *   know; by default it goes to standard error
   */
  constructor(declarations, { maxEvents = MAX_EVENTS, report = toStandardError } = {}) {
    this.#declarations = new Map(declarations.map((declaration) => [declaration.name, declaration]))
    if (this.#declarations.size < declarations.length) throw new PluginError('two plugins have the same name')
    this.#maxEvents = maxEvents
    this.#build = buildOf(declarations)
    this.#stopped = new Promise((resolve) => {
      this.#stop = resolve
    })
    this.report = report
    this.deadlines = new Deadlines()
    this.instances = new Instances(this.#declarations, report)
    this.isDraining = false
  }

  /**
   * Serve until drained.
   * @param {import('node:net').Server} listener that listens; it is closed at the end
   */
  async run(listener) {
    this.#listener = listener
    listener.on('connection', (socket) => this.#accept(socket))
    process.on('unhandledRejection', this.#onRejection)
    process.on('uncaughtException', this.#onException)
    try {
      await this.#stopped
    } finally {
      this.#listener?.close()
      for (const connection of this.#connections) connection.close()
      const timeout = new Promise((resolve) => {
        setTimeout(resolve, STOP_TIMEOUT * 1000).unref()
      })
      await Promise.race([this.instances.close(), timeout])
      process.off('unhandledRejection', this.#onRejection)
      process.off('uncaughtException', this.#onException)
    }
  }

  /** Take no new work; `run` ends when the gateways have left, or after the grace. The second time: at once. */
  drain() {
    if (this.isDraining) {
      this.#stop()
      return
    }
    this.isDraining = true
    this.#listener?.close()
    this.#listener = null
    for (const connection of [...this.#connections]) connection.drain()
    if (this.#connections.size === 0) this.#stop()
    setTimeout(this.#stop, DRAIN_GRACE * 1000).unref()
  }

  /**
   * Return how many events, and log events, each of `peers` connections may have here at once.
   * @param {number} peers
   */
  credits(peers) {
    return { events: Math.max(1, Math.floor(this.#maxEvents / peers)), logEvents: MAX_LOG_EVENTS }
  }

  /**
   * Return the map of WELCOME.
   * @param {number} version
   * @param {readonly string[]} features
   * @param {{ events: number, logEvents: number }} credits
   */
  welcome(version, features, credits) {
    return {
      version,
      features,
      server: {
        name: process.env.OARLOCK_SERVER_NAME ?? 'javascript',
        pid: process.pid,
        member: Number(process.env.OARLOCK_MEMBER ?? 0) || 0,
        language: 'javascript',
        sdk: VERSION,
        build: this.#build,
      },
      plugins: [...this.#declarations.values()].map((declaration) => declaration.describe()),
      limits: {
        max_frame: MAX_FRAME_DEFAULT,
        window: WINDOW,
        max_events: credits.events,
        max_log_events: credits.logEvents,
      },
      pdk: HIGHEST,
    }
  }

  /**
   * A connection has ended.
   * @param {Connection} connection
   */
  closed(connection) {
    this.#connections.delete(connection)
    if (this.isDraining && this.#connections.size === 0) this.#stop()
  }

  /** @param {import('node:net').Socket} socket */
  #accept(socket) {
    if (this.#connections.size < MAX_CONNECTIONS && !this.isDraining) {
      this.#connections.add(new Connection(this, socket))
      return
    }
    socket.on('error', () => {})
    socket.end(encode([DRAIN, 'limit', `more than ${MAX_CONNECTIONS} connections`]))
  }

  /** @param {unknown} error */
  #onRejection = (error) => this.#unhandled(error, 'unhandled rejection')

  /** @param {unknown} error */
  #onException = (error) => this.#unhandled(error, 'uncaught exception')

  /**
   * What no handler caught ends the event it came from, not the process with all the others.
   * @param {unknown} error
   * @param {string} what
   */
  #unhandled(error, what) {
    const event = currentEvent.getStore()
    if (event !== undefined) event.unhandled(error, what)
    else this.report(`${what} outside of events: ${describeError(error)[1]}`)
  }
}

/**
 * Run a server; SIGTERM, SIGINT and, if somebody manages this process, the end of stdin drain it.
 * @param {Server} server
 * @param {import('node:net').Server} listener
 */
export async function serveUntilTold(server, listener) {
  const drain = () => server.drain()
  for (const signal of SIGNALS) process.on(signal, drain)
  const managed = isManaged()
  if (managed) process.stdin.on('end', drain).on('error', drain).resume()
  try {
    await server.run(listener)
  } finally {
    for (const signal of SIGNALS) process.off(signal, drain)
    if (managed) process.stdin.destroy()
  }
}

/** Whether a supervisor holds this process's stdin and wants it to end with it. */
function isManaged() {
  const { OARLOCK_MEMBER, OARLOCK_LISTEN } = process.env
  if (OARLOCK_MEMBER === undefined && !OARLOCK_LISTEN?.startsWith('fd:')) return false
  try {
    const status = fstatSync(0)
    return status.isFIFO() || status.isSocket()
  } catch {
    return false
  }
}

/** @param {string} line */
function toStandardError(line) {
  process.stderr.write(`oarlock-pdk: ${line}\n`)
}
