/** The gateway's end of a connection, driven by the test message by message. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { decode, encode, FrameReader } from '../../src/codec.js'
import { MESSAGES, PHASES } from '../../src/generated/pdk.js'
import { declare } from '../../src/plugin.js'
import { Server } from '../../src/server.js'
import { BY_NAME } from '../../src/table.js'

/** @typedef {import('../../src/plugin.js').PluginClass} PluginClass */
/** @typedef {keyof typeof MESSAGES} MessageName */
/** @typedef {{ [key: string]: any, peers?: number, limits?: object }} HelloChanges */

/** @type {Record<number, string>} */
const NAMES = Object.fromEntries(Object.entries(MESSAGES).map(([name, number]) => [number, name]))

/**
 * Return the number of a PDK function.
 * @param {string} name without `kong.`
 */
export function fn(name) {
  const rule = BY_NAME.get(`kong.${name}`)
  assert(rule, name)
  return rule.number
}

export class Gateway {
  /** @type {any[][]} LOG messages, put aside while waiting for others */
  logs = []
  reads = 0 // how many reads it took to get what came
  /** @type {any} */
  welcome = null
  #socket
  #reader = new FrameReader()
  /** @type {any[][]} */
  #messages = []
  #isClosed = false
  #instance = 0
  #event = 0
  /** @type {() => void} */
  #wake = () => {}

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.#socket = socket
    socket.on('data', (data) => {
      this.reads++
      this.#messages.push(...this.#reader.feed(data).map(decode))
      this.#wake()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#isClosed = true
      this.#wake()
    })
  }

  /** @param {string} path */
  static async connect(path) {
    const socket = connect(path)
    await once(socket, 'connect')
    return new Gateway(socket)
  }

  /**
   * @param {MessageName} name
   * @param {...unknown} fields
   */
  send(name, ...fields) {
    this.#socket.write(encode([MESSAGES[name], ...fields]))
  }

  /** @param {Uint8Array} bytes */
  sendBytes(bytes) {
    this.#socket.write(bytes)
  }

  /** Read no more, or again. */
  pause() {
    this.#socket.pause()
  }

  resume() {
    this.#socket.resume()
  }

  close() {
    this.#socket.destroy()
  }

  /** Whether the server closes the connection, without another message. */
  async isClosed() {
    while (!this.#isClosed && this.#messages.length === 0) await this.#more()
    return this.#messages.length === 0
  }

  /**
   * Return the next message that is no LOG (unless asked for), without its type; it must be of this kind.
   * @param {MessageName} name
   * @returns {Promise<any[]>}
   */
  async receive(name) {
    for (;;) {
      const message = this.#messages.shift()
      if (message === undefined) {
        assert(!this.#isClosed, `closed before ${name}`)
        await this.#more()
      } else if (message[0] === MESSAGES.LOG && name !== 'LOG') this.logs.push(message.slice(1))
      else {
        assert.equal(NAMES[message[0]], name, JSON.stringify(message))
        return message.slice(1)
      }
    }
  }

  /** @param {HelloChanges} [changes] */
  async hello({ peers = 1, limits = {}, ...changes } = {}) {
    this.send('HELLO', 'oarlock', {
      versions: [1, 1],
      features: ['fusion', 'streams', 'reads'],
      role: 'worker',
      host: { product: 'test', version: '1', node_id: 'n', worker: 0, peers },
      limits: { max_frame: 1 << 20, window: 1 << 18, max_calls: 64, ...limits },
      pdk: 9999,
      ping_ms: 5000,
      level: 1,
      ...changes,
    })
    this.welcome = (await this.receive('WELCOME'))[0]
    return this
  }

  /**
   * Start an instance and return its number.
   * @param {string} plugin
   * @param {object} [config]
   * @param {string} [key]
   */
  async start(plugin, config = {}, key = 'k') {
    const instance = ++this.#instance
    this.send('START', { instance, plugin, key, config })
    assert.deepEqual(await this.receive('STARTED'), [instance])
    return instance
  }

  /**
   * Send an EVENT and return its number.
   * @param {string} phase
   * @param {number | number[]} instances
   * @param {{ facts?: Record<string, unknown>, segments?: unknown[][], budget?: number, level?: number, flags?: number }} [about]
   */
  event(phase, instances, { facts = {}, segments = [], budget = 5000, level = 1, flags = 0 } = {}) {
    const event = ++this.#event
    const steps = [instances].flat().flatMap((instance) => [instance, budget])
    const segment = Object.entries(facts).flatMap(([name, value]) => [fn(name), value])
    const number = /** @type {Record<string, number>} */ (PHASES)[phase]
    this.send('EVENT', event, number, steps, [segment, ...segments], level, flags)
    return event
  }

  #more() {
    return new Promise((resolve) => {
      this.#wake = () => resolve(undefined)
    })
  }
}

/**
 * Serve plugin classes in this process until the test ends, and return what connects to them.
 * @param {import('node:test').TestContext} t
 * @param {PluginClass[]} plugins
 * @param {{ maxEvents?: number }} [options]
 */
export async function serve(t, plugins, options = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'oarlock-js-'))
  const path = join(folder, 'sdk.sock')
  /** @type {string[]} */
  const lines = []
  const server = new Server(
    plugins.map((plugin) => declare(plugin)),
    { ...options, report: (line) => lines.push(line) },
  )
  const listener = createServer().listen(path)
  await once(listener, 'listening')
  const running = server.run(listener)
  /** @type {Gateway[]} */
  const gateways = []
  t.after(async () => {
    for (const gateway of gateways) gateway.close()
    server.drain()
    await running
    rmSync(folder, { recursive: true })
  })
  const gateway = async (/** @type {HelloChanges} */ changes = {}) => {
    const connected = await Gateway.connect(path)
    gateways.push(connected)
    return connected.hello(changes)
  }
  const raw = async () => {
    const connected = await Gateway.connect(path)
    gateways.push(connected)
    return connected
  }
  return { server, running, lines, gateway, raw }
}
