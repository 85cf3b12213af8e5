/**
 * One event: its steps run one after the other, each with a DONE of its own, the last of them final.
 *
 * A handler that returns no promise has ended when it returns. One that returns a promise is waited for, and watched:
 * its budget and the gateway's CANCEL abort `kong.signal` and reject what it waits for from the gateway; the DONE
 * follows when it has ended.
 */

import { AsyncLocalStorage } from 'node:async_hooks'

import { Bridge } from './bridge.js'
import { Ended, Gone, PdkError } from './errors.js'
import { Facts } from './facts.js'
import { describeError } from './failure.js'
import { BLOB_THRESHOLD, Kong, PHASES } from './generated/pdk.js'
import { CALL, DONE, DONE_OK, FAILED, LOG, NEXT, REPORT_READS } from './messages.js'
import { Outgoing } from './streams.js'
import { clean } from './text.js'

/** @typedef {import('./bridge.js').PendingCall} PendingCall */
/** @typedef {import('./connection.js').Connection} Connection */
/** @typedef {import('./instances.js').Instance} Instance */
/** @typedef {import('./messages.js').EventMessage} EventMessage */
/** @typedef {import('./streams.js').Incoming} Incoming */

/**
 * An instance with its number on the connection and the time it may take, in ms.
 * @typedef {{ number: number, instance: Instance, budget: number }} Step
 */

/**
 * A call that waits for its REPLY, or for room to be sent.
 * @typedef {{ call: PendingCall, resolve: (value: any) => void, reject: (error: Error) => void, promise: Promise<any> }} Waiter
 */

const TEXT_LIMIT = 32 * 1024 // characters of a log line

/**
 * The event whose handler runs, for what a handler leaves behind: a rejection that nobody handles says here whose it
 * is. It costs 0.8 µs per event (Node 20).
 * @type {AsyncLocalStorage<EventRun>}
 */
export const currentEvent = new AsyncLocalStorage()

/** An EVENT from its receipt to its final DONE. */
export class EventRun {
  #connection
  #steps
  #facts
  #phase
  #index = 0
  /** @type {Bridge | null} */
  #bridge = null
  /** @type {AbortController | null} */
  #controller = null
  /** @type {[code: string, text: string, trace?: string] | null} why it is being ended: the detail of its DONE */
  #ending = null
  #hasEnded = false
  #stepStarted
  #waited = 0
  /** @type {Set<Waiter> | null} */
  #waiters = null
  /** @type {Waiter[]} calls beyond what the gateway takes at once */
  #unasked = []
  /** @type {Outgoing | null} */
  #outgoing = null

  /**
   * @param {Connection} connection
   * @param {EventMessage} message
   * @param {Step[]} steps
   * @param {number} now ms
   */
  constructor(connection, message, steps, now) {
    this.id = message.event
    this.level = message.level
    this.isLog = message.phase === PHASES.log
    this.received = now
    this.deadline = now + steps[0].budget // of the step that runs
    /** @type {Incoming | null} */
    this.incoming = null
    this.#connection = connection
    this.#steps = steps
    this.#phase = message.phase
    this.#facts = new Facts(message.facts, (message.flags & REPORT_READS) !== 0)
    this.#stepStarted = now
  }

  /** The instances of all steps. */
  get instances() {
    return this.#steps.map((step) => step.instance)
  }

  /** Whether it is being ended from outside, but its handler has not. */
  get isEnding() {
    return this.#ending !== null
  }

  /**
   * Aborted when the event is over for the gateway.
   * @returns {AbortSignal}
   */
  get signal() {
    if (this.#controller === null) {
      this.#controller = new AbortController()
      if (this.#ending !== null || this.#hasEnded) this.#controller.abort(new Gone('the event is over'))
    }
    return this.#controller.signal
  }

  // -- running ---------------------------------------------------------------------------------------------------

  /** Run steps until one has to be waited for, or the last one has ended. */
  run() {
    for (;;) {
      const { instance } = this.#steps[this.#index]
      const bridge = this.#begin()
      let promise = null
      try {
        if (this.#ending === null) {
          const result = currentEvent.run(this, startHandler, instance, this.#phase, bridge)
          if (isThenable(result)) promise = Promise.resolve(result) // of a foreign kind, too
        }
      } catch (error) {
        if (!this.#endStep(bridge, { error })) return
        continue
      }
      if (promise !== null) {
        this.#connection.deadlines.watch(this)
        promise.then(
          () => this.#settled(bridge, null),
          (/** @type {unknown} */ error) => this.#settled(bridge, { error }),
        )
        return
      }
      if (!this.#endStep(bridge, null)) return
    }
  }

  /**
   * @param {Bridge} bridge
   * @param {{ error: unknown } | null} failure
   */
  #settled(bridge, failure) {
    this.#connection.deadlines.forget(this)
    if (this.#endStep(bridge, failure)) this.run()
  }

  #begin() {
    const step = this.#steps[this.#index]
    const now = performance.now()
    this.#waited = this.#index > 0 ? 0 : now - this.received
    if (this.#index > 0) this.deadline = now + step.budget
    this.#stepStarted = now
    const bridge = new Bridge(this, this.#facts, this.#phase, step.number, this.#connection.hello.pdk)
    bridge.isOver = this.#ending !== null
    this.#bridge = bridge
    return bridge
  }

  // -- ending ----------------------------------------------------------------------------------------------------

  /**
   * End the handler: its signal is aborted, its calls reject with Gone; DONE follows when it has ended.
   * @param {string} code
   * @param {string} text
   * @param {string} [trace]
   */
  end(code, text, trace) {
    if (this.#ending !== null || this.#hasEnded) return
    this.#ending = trace === undefined ? [code, text] : [code, text, trace]
    if (this.#bridge !== null) this.#bridge.isOver = true
    const gone = new Gone(text || code)
    this.#abandon(gone)
    this.#controller?.abort(gone)
  }

  /** The budget of the step is used up. */
  expire() {
    const { name } = this.#steps[this.#index].instance.declaration
    this.end('deadline', `${name}: the time for this phase is used up`)
  }

  /**
   * A rejection or an exception that nobody in the plugin handles. It is this event's error while the event runs.
   * @param {unknown} error
   * @param {string} what
   */
  unhandled(error, what) {
    const [text, trace] = describeError(error)
    if (this.#hasEnded || this.#ending !== null) {
      if (!(error instanceof Gone)) this.#connection.log(this.id, 'err', `${what}: ${trace}`)
    } else this.end('failed', `${what}: ${text}`, trace)
  }

  /**
   * Send the step's DONE; false if it was the last one.
   * @param {Bridge} bridge
   * @param {{ error: unknown } | null} failure
   */
  #endStep(bridge, failure) {
    bridge.isOver = true
    const unsent = this.#unasked.flatMap((waiter) => waiter.call.changes)
    if (this.#waiters !== null) this.#abandon(new Gone('the handler has ended')) // making an Error is dear
    let outcome = DONE_OK
    let detail = null
    if (this.#ending !== null) {
      outcome = FAILED
      detail = this.#ending
    } else if (failure !== null && !(bridge.outcome !== null && isEnd(failure.error))) {
      outcome = FAILED
      detail =
        failure.error instanceof Gone ? ['gone', failure.error.message] : ['failed', ...describeError(failure.error)]
    } else if (bridge.outcome !== null) {
      outcome = bridge.outcome.outcome
      detail = bridge.outcome.detail
    } else if (this.#index + 1 < this.#steps.length && !bridge.replans) outcome = NEXT
    const changes = outcome === FAILED ? [] : [...unsent, ...bridge.takeChanges()]
    const took = Math.round((performance.now() - this.#stepStarted) * 1000)
    const waited = Math.round(this.#waited * 1000)
    const message = [DONE, this.id, outcome, changes, detail, took, waited]
    const reads = this.#facts.takeReads()
    if (reads !== null) message.push(reads)
    else if (waited === 0) message.pop()
    if (outcome === NEXT) {
      this.#send(message)
      this.#index++
      return !this.#hasEnded // it has if the changes were too large to be sent
    }
    this.#hasEnded = true
    this.#bridge = null
    this.#send(message, () => this.#connection.ended(this))
    return false
  }

  /**
   * Reject what still waits for a REPLY, also where nobody looks any more.
   * @param {Gone} gone
   */
  #abandon(gone) {
    for (const waiter of [...(this.#waiters ?? []), ...this.#unasked]) {
      waiter.promise.catch(() => {})
      waiter.reject(gone)
    }
    this.#waiters = null
    this.#unasked = []
  }

  // -- what bridges ask for --------------------------------------------------------------------------------------

  /**
   * Ask the gateway. Rejects with PdkError or Gone.
   * @param {PendingCall} call
   * @returns {Promise<any>}
   */
  call(call) {
    /** @type {any} */
    const waiter = { call }
    waiter.promise = new Promise((resolve, reject) => {
      waiter.resolve = resolve
      waiter.reject = reject
    })
    this.#ask(waiter)
    return waiter.promise
  }

  /**
   * @param {number} level
   * @param {string} text
   * @param {Record<string, unknown> | null} fields
   */
  log(level, text, fields) {
    this.#connection.outbox.writeLog([LOG, this.id, level, clean(text).slice(0, TEXT_LIMIT), fields, 0])
  }

  /**
   * Hand over a REPLY, and ask what waited for room.
   * @param {Waiter} waiter
   * @param {any} result
   * @param {[code: string, text: string] | null} error
   */
  answer(waiter, result, error) {
    if (!this.#waiters?.delete(waiter)) return
    try {
      if (error !== null) throw error[0] === 'gone' ? new Gone(error[1] || 'gone') : new PdkError(error[0], error[1])
      waiter.resolve(waiter.call.result(this.incoming === null ? result : this.incoming.resolve(result)))
    } catch (failure) {
      waiter.reject(/** @type {Error} */ (failure))
      if (!(failure instanceof PdkError || failure instanceof Gone)) throw failure // the gateway's mistake, or ours
    }
    const following = this.#unasked.shift()
    if (following !== undefined) this.#ask(following)
  }

  /** @param {Waiter} waiter */
  #ask(waiter) {
    const connection = this.#connection
    const { call } = waiter
    this.#waiters ??= new Set()
    if (this.#waiters.size >= connection.hello.maxCalls) {
      this.#unasked.push(waiter)
      return
    }
    this.#waiters.add(waiter)
    const fields = [this.id, call.number, call.args, call.changes]
    if (call.changes.length === 0) fields.pop()
    try {
      this.#dispatch([CALL, connection.lastCall + 1, ...fields], () => {
        connection.asked.set(++connection.lastCall, { event: this, waiter })
        return connection.lastCall
      })
    } catch (error) {
      this.#waiters.delete(waiter)
      waiter.reject(/** @type {Error} */ (error))
    }
  }

  // -- sending ---------------------------------------------------------------------------------------------------

  /**
   * Take a WINDOW.
   * @param {number} stream
   * @param {number} count
   */
  granted(stream, count) {
    this.#outgoing?.grant(stream, count)
    this.#sendOutgoing()
  }

  /**
   * Send a DONE; `before` runs when it leaves.
   * @param {any[]} message
   * @param {() => void} [before]
   */
  #send(message, before = () => {}) {
    try {
      this.#dispatch(message, before)
    } catch (error) {
      if (!(error instanceof PdkError)) throw error
      const [, , , , , took, waited] = message
      this.#hasEnded = true
      this.#dispatch([DONE, this.id, FAILED, [], [error.code, error.text], took, waited], () =>
        this.#connection.ended(this),
      )
    }
  }

  /**
   * Send a message now, or its large values in chunks first, behind what this event is still sending. `before` runs
   * when it leaves, and may return the number it goes by. Throws PdkError `too_large`.
   * @param {any[]} message
   * @param {() => number | void} before
   */
  #dispatch(message, before) {
    const { outbox, hello, features } = this.#connection
    if (this.#outgoing === null || this.#outgoing.isEmpty) {
      if (outbox.write(message, BLOB_THRESHOLD) <= BLOB_THRESHOLD) {
        before()
        return
      }
    }
    const outgoing = (this.#outgoing ??= new Outgoing(this.id, hello.window))
    const isLarge = features.has('streams')
    const final = isLarge
      ? [...message.slice(0, 3), ...message.slice(3).map((field) => outgoing.extract(field))]
      : message
    const size = outbox.write(final, -1)
    if (size > hello.maxFrame) {
      throw new PdkError('too_large', `${size} bytes in one message; the gateway takes ${hello.maxFrame}`)
    }
    outgoing.append(() => {
      const number = before()
      if (number !== undefined) final[1] = number
      return final
    })
    this.#sendOutgoing()
  }

  #sendOutgoing() {
    if (this.#outgoing === null) return
    for (const message of this.#outgoing.take()) this.#connection.outbox.write(message)
  }
}

/**
 * @param {Instance} instance
 * @param {number} phase
 * @param {Bridge} bridge
 */
function startHandler(instance, phase, bridge) {
  const handler = instance.handlers[phase]
  if (handler === undefined) throw new PdkError('failed', 'the plugin has no handler for this phase')
  return handler.call(instance.plugin, new Kong(bridge))
}

/**
 * @param {any} value
 * @returns {value is PromiseLike<unknown>}
 */
function isThenable(value) {
  return value !== null && typeof value === 'object' && typeof value.then === 'function'
}

/**
 * Whether what a handler threw is its orderly end, or was made of it.
 * @param {unknown} error
 */
function isEnd(error) {
  for (let depth = 0; error instanceof Error && depth < 10; depth++) {
    if (error instanceof Ended || error instanceof Gone) return true
    error = error.cause
  }
  return false
}
