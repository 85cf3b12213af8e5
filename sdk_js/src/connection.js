/** One connection from a gateway: which message may come when, and what is done with it. */

import { FrameReader } from './codec.js'
import { Cursor } from './cursor.js'
import { ConfigError, ProtocolError } from './errors.js'
import { EventRun } from './event.js'
import { describeError } from './failure.js'
import {
  DRAIN_GRACE,
  FEATURES,
  HANDSHAKE_TIMEOUT,
  LOG_LEVELS,
  MAX_FRAME_DEFAULT,
  MAX_HELLO,
  MAX_INSTANCES,
  PHASES,
  PINGS_MISSED,
  STALL_TIMEOUT,
  VERSIONS,
} from './generated/pdk.js'
import * as messages from './messages.js'
import { Outbox } from './outbox.js'
import { Incoming } from './streams.js'
import { clean } from './text.js'

/** @typedef {import('./event.js').Step} Step */
/** @typedef {import('./event.js').Waiter} Waiter */
/** @typedef {import('./instances.js').Instance} Instance */
/** @typedef {import('./messages.js').Hello} Hello */

const MAX_BLOBS = 256 * 1024 * 1024 // bytes of large values held for one event
const TEXT_LIMIT = 1024 // characters of an error's text

/** @typedef {'opening' | 'open' | 'draining' | 'closed'} State */

export class Connection {
  #server
  #socket
  #reader = new FrameReader(MAX_HELLO)
  /** @type {State} */
  #state = 'opening'
  /** @type {NodeJS.Timeout} */
  #timer
  #lastSeen = performance.now()
  #highestInstance = 0
  #highestEvent = 0
  #starting = 0
  /** @type {Map<number, Instance>} */
  #instances = new Map()
  /** @type {Instance[]} closed by the gateway, perhaps still used by an event */
  #leaving = []
  /** @type {Map<number, EventRun>} */
  #events = new Map()
  /** @type {Map<number, EventRun>} */
  #logEvents = new Map()
  #credits = { events: 0, logEvents: 0 }

  /**
   * @param {import('./server.js').Server} server
   * @param {import('node:net').Socket} socket
   */
  constructor(server, socket) {
    this.#server = server
    this.#socket = socket
    this.deadlines = server.deadlines
    this.outbox = new Outbox(socket)
    /** @type {Set<string>} agreed with the gateway */
    this.features = new Set()
    /** @type {Hello} */
    this.hello = /** @type {any} */ (null)
    this.lastCall = 0
    /** @type {Map<number, { event: EventRun, waiter: Waiter }>} */
    this.asked = new Map()
    this.#timer = setTimeout(() => this.close(), HANDSHAKE_TIMEOUT * 1000)
    socket.on('data', (data) => this.#receive(data))
    socket.on('error', () => this.close())
    socket.on('close', () => this.close())
    socket.on('end', () => this.close())
  }

  // -- reading ---------------------------------------------------------------------------------------------------

  /** @param {Buffer} data */
  #receive(data) {
    if (this.#state === 'closed') return
    this.#lastSeen = performance.now()
    /** @type {Buffer[]} */
    const frames = []
    /** @type {unknown} */
    let failure
    try {
      this.#reader.feed(data, frames)
    } catch (error) {
      failure = error // of what comes behind the whole frames
    }
    try {
      for (const frame of frames) {
        this.#take(frame)
        if (/** @type {State} */ (this.#state) === 'closed') return
      }
      if (failure !== undefined) throw failure
    } catch (error) {
      if (error instanceof ProtocolError) this.#fail(error.code, error.message)
      else {
        this.#server.report(`a message could not be handled: ${describeError(error)[1]}`)
        this.#fail('internal', String(error))
      }
    }
  }

  /** @param {Buffer} frame */
  #take(frame) {
    const cursor = new Cursor(frame)
    if (this.#state === 'opening') {
      if (cursor.type !== messages.HELLO) throw new ProtocolError(`message ${cursor.type} before HELLO`)
      this.#onHello(messages.readHello(cursor))
      return
    }
    switch (cursor.type) {
      case messages.EVENT:
        return this.#onEvent(messages.readEvent(cursor))
      case messages.REPLY:
        return this.#onReply(messages.readReply(cursor))
      case messages.CANCEL:
        return this.#onCancel(messages.readCancel(cursor))
      case messages.PING:
        return this.#onPing(messages.readId(cursor, 'PING: nonce'))
      case messages.START:
        return this.#onStart(messages.readStart(cursor))
      case messages.CLOSE:
        return this.#onClose(messages.readId(cursor, 'CLOSE: instance'))
      case messages.DRAIN:
        return this.#onDrain(messages.readDrain(cursor))
      case messages.CHUNK:
        return this.#onChunk(messages.readChunk(cursor))
      case messages.WINDOW:
        return this.#onWindow(messages.readWindow(cursor))
      default:
        throw new ProtocolError(`message ${cursor.type} is not for a server`)
    }
  }

  // -- the connection --------------------------------------------------------------------------------------------

  /** @param {Hello} hello */
  #onHello(hello) {
    const version = Math.min(VERSIONS[1], hello.versions[1])
    if (version < Math.max(VERSIONS[0], hello.versions[0])) {
      const text = `the gateway speaks versions ${hello.versions.join(' to ')}, this server ${VERSIONS.join(' to ')}`
      throw new ProtocolError(text, 'version')
    }
    this.hello = hello
    this.features = new Set(FEATURES.filter((name) => hello.features.has(name)))
    this.#credits = this.#server.credits(hello.peers)
    this.#reader.maxFrame = MAX_FRAME_DEFAULT
    this.outbox.write([messages.WELCOME, this.#server.welcome(version, [...this.features].sort(), this.#credits)])
    this.#state = 'open'
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#watch(), hello.ping)
    if (this.#server.isDraining) this.drain()
  }

  /** @param {number} nonce */
  #onPing(nonce) {
    const now = performance.now()
    const running = this.#running()
    const oldest = running.reduce((age, event) => Math.max(age, now - event.received), 0)
    this.outbox.write([messages.PONG, nonce, running.length, Math.round(oldest)])
  }

  /** @param {{ code: string, text: string }} drain */
  #onDrain({ code, text }) {
    if (code) {
      this.#server.report(`the gateway ends the connection: ${code} ${text}`)
      this.close()
    } else if (this.#state === 'open') this.#startDraining()
  }

  /** Take no new work; the gateway closes when what runs has ended. */
  drain() {
    if (this.#state === 'open') {
      this.outbox.write([messages.DRAIN, ''])
      this.#startDraining()
    } else if (this.#state === 'opening') this.close()
  }

  #startDraining() {
    this.#state = 'draining'
    setTimeout(() => this.close(), DRAIN_GRACE * 1000).unref()
  }

  /** End the connection: its events are ended, its instances go when the last handler has let them go. */
  close() {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    clearTimeout(this.#timer)
    this.outbox.close()
    this.#socket.destroySoon()
    for (const event of this.#running()) event.end('cancelled', 'the connection to the gateway has ended')
    this.#leaving.push(...this.#instances.values())
    this.#instances.clear()
    this.#letGo()
    this.#server.closed(this)
  }

  /**
   * @param {string} code
   * @param {string} text
   */
  #fail(code, text) {
    this.#server.report(`the connection ends: ${code}: ${text}`)
    this.outbox.write([messages.DRAIN, code, clean(text).slice(0, TEXT_LIMIT)])
    this.close()
  }

  /** Look after the peer, once per ping interval. */
  #watch() {
    const now = performance.now()
    const { stuckSince } = this.outbox
    if (now - this.#lastSeen > PINGS_MISSED * this.hello.ping) {
      this.#server.report(
        `nothing came from the gateway for ${Math.round(now - this.#lastSeen)} ms: it is taken for dead`,
      )
      this.close()
    } else if (stuckSince !== null && now - stuckSince > STALL_TIMEOUT * 1000) {
      this.#fail('stalled', 'the gateway does not read')
      this.#socket.destroy()
    } else this.#timer = setTimeout(() => this.#watch(), this.hello.ping)
  }

  /**
   * Write a log line of an event that has ended, or of none (0).
   * @param {number} event
   * @param {string} level
   * @param {string} text
   */
  log(event, level, text) {
    this.outbox.writeLog([messages.LOG, event, LOG_LEVELS[level], clean(text), null, 0])
  }

  // -- instances -------------------------------------------------------------------------------------------------

  /** @param {messages.Start} start */
  #onStart(start) {
    if (start.instance <= this.#highestInstance) {
      throw new ProtocolError(`START of instance ${start.instance} after ${this.#highestInstance}`)
    }
    this.#highestInstance = start.instance
    if (this.#state === 'draining') this.#started(start.instance, ['refused', 'this server drains'])
    else if (this.#instances.size + this.#starting >= MAX_INSTANCES) {
      this.#started(start.instance, ['start_failed', `more than ${MAX_INSTANCES} instances on one connection`])
    } else this.#start(start)
  }

  /** @param {messages.Start} start */
  async #start(start) {
    this.#starting++
    const { instances } = this.#server
    try {
      const instance = await instances.acquire(this.hello.node, start.plugin, start.key, start.config)
      if (this.#state === 'closed') instances.release(instance)
      else {
        this.#instances.set(start.instance, instance)
        this.#started(start.instance, null)
      }
    } catch (error) {
      const [text, trace] = describeError(error)
      if (isConfigError(error)) this.#started(start.instance, ['bad_config', clean(error.message).slice(0, TEXT_LIMIT)])
      else {
        this.log(0, 'err', trace)
        this.#started(start.instance, ['start_failed', text])
      }
    } finally {
      this.#starting--
    }
  }

  /**
   * @param {number} instance
   * @param {string[] | null} error
   */
  #started(instance, error) {
    this.outbox.write(error === null ? [messages.STARTED, instance] : [messages.STARTED, instance, error])
  }

  /** @param {number} number */
  #onClose(number) {
    const instance = this.#instances.get(number)
    if (instance === undefined) throw new ProtocolError(`CLOSE of instance ${number}, which does not run`)
    this.#instances.delete(number)
    this.#leaving.push(instance)
    this.#letGo()
  }

  /** Release the instances that the gateway has closed and no event uses. */
  #letGo() {
    if (this.#leaving.length === 0) return
    const used = new Set(this.#running().flatMap((event) => event.instances))
    const leaving = this.#leaving
    this.#leaving = leaving.filter((instance) => used.has(instance))
    for (const instance of leaving) if (!used.has(instance)) this.#server.instances.release(instance)
  }

  // -- events ----------------------------------------------------------------------------------------------------

  #running() {
    return [...this.#events.values(), ...this.#logEvents.values()]
  }

  /** @param {messages.EventMessage} message */
  #onEvent(message) {
    const { event, steps } = message
    if (event <= this.#highestEvent) throw new ProtocolError(`EVENT ${event} after ${this.#highestEvent}`)
    this.#highestEvent = event
    const isLog = message.phase === PHASES.log
    const running = isLog ? this.#logEvents : this.#events
    const allowed = isLog ? this.#credits.logEvents : this.#credits.events
    if (this.#state === 'draining') return this.#refuse(event, 'refused', 'this server drains')
    if (running.size >= allowed) return this.#refuse(event, 'refused', `${allowed} events run`)
    /** @type {Step[]} */
    const found = []
    for (let place = 0; place < steps.length; place += 2) {
      const number = steps[place]
      const instance = this.#instances.get(number)
      if (instance === undefined) return this.#refuse(event, 'no_instance', `instance ${number} does not run here`)
      found.push({ number, instance, budget: steps[place + 1] })
    }
    const run = new EventRun(this, message, found, this.#lastSeen)
    running.set(event, run)
    run.run()
  }

  /**
   * @param {number} event
   * @param {string} code
   * @param {string} text
   */
  #refuse(event, code, text) {
    this.outbox.write([messages.DONE, event, messages.FAILED, [], [code, text]])
  }

  /**
   * Forget an event; its final DONE leaves.
   * @param {EventRun} event
   */
  ended(event) {
    const running = event.isLog ? this.#logEvents : this.#events
    running.delete(event.id)
    if (this.#leaving.length > 0) this.#letGo()
  }

  /**
   * Return the event if it runs; one that never was is a protocol error.
   * @param {number} number
   * @param {string} what
   */
  #event(number, what) {
    if (number > this.#highestEvent) throw new ProtocolError(`${what} for event ${number}, which never was`)
    return this.#events.get(number) ?? this.#logEvents.get(number)
  }

  /** @param {{ event: number, reason: string }} cancel */
  #onCancel({ event, reason }) {
    this.#event(event, 'CANCEL')?.end('cancelled', reason)
  }

  /** @param {messages.Reply} reply */
  #onReply({ call, result, error }) {
    if (call > this.lastCall) throw new ProtocolError(`REPLY to call ${call}, which never was`)
    const asked = this.asked.get(call)
    if (asked === undefined) return
    this.asked.delete(call)
    asked.event.answer(asked.waiter, result, error)
  }

  /** @param {messages.Chunk} chunk */
  #onChunk(chunk) {
    const event = this.#event(chunk.event, 'CHUNK')
    if (event === undefined || event.isEnding) return
    event.incoming ??= new Incoming(chunk.event, MAX_BLOBS)
    const grant = event.incoming.add(chunk.stream, chunk.data, chunk.flags)
    if (grant !== null) this.outbox.write(grant)
  }

  /** @param {{ event: number, stream: number, count: number }} window */
  #onWindow({ event, stream, count }) {
    this.#event(event, 'WINDOW')?.granted(stream, count)
  }
}

/**
 * A plugin may have a copy of this package of its own: the name tells.
 * @param {unknown} error
 * @returns {error is ConfigError}
 */
function isConfigError(error) {
  return error instanceof ConfigError || (error instanceof Error && error.name === 'ConfigError')
}
