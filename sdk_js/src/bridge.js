/**
 * Between the PDK's methods and the event they belong to: what is answered here, what is queued, what has to be asked.
 *
 * There is one bridge per step. Rules only, no I/O: asking and logging go through the event, its `Channel`.
 */

import { inspect } from 'node:util'

import { Ended, Gone, PdkError } from './errors.js'
import { MISSING, shaped } from './facts.js'
import { MAX_CHANGES } from './generated/pdk.js'
import { EXIT } from './messages.js'
import { CALL, CHANGE, FACT, LOG, ruleOf } from './table.js'
import { bytesOfText, textOf } from './text.js'
import { isMap, plain } from './values.js'

/** @typedef {import('./facts.js').Facts} Facts */
/** @typedef {import('./table.js').Rule} Rule */

/**
 * What an event does for its bridges. Log lines below `level` are dropped here; the promise of `call` rejects with
 * PdkError or Gone.
 * @typedef {{
 *   readonly level: number,
 *   readonly signal: AbortSignal,
 *   call(call: PendingCall): Promise<any>,
 *   log(level: number, text: string, fields: Record<string, unknown> | null): void,
 * }} Channel
 */

const DEPRECATION = 'kong.log.deprecation'
const INSPECT = 'kong.log.inspect'
const NOTHING = Promise.resolve()

/** A question for the gateway, and how to read its answer. */
export class PendingCall {
  #bridge
  #rule
  #given
  #version

  /**
   * @param {Bridge} bridge
   * @param {Rule} rule
   * @param {readonly unknown[]} given arguments
   * @param {any[]} args as they go on the wire
   */
  constructor(bridge, rule, given, args) {
    this.number = rule.number
    this.args = args
    this.changes = bridge.takeChanges()
    this.#bridge = bridge
    this.#rule = rule
    this.#given = given
    this.#version = bridge.facts.version
  }

  /**
   * Return what the plugin gets for the value of a REPLY; a fact is kept for the next time.
   * @param {any} value
   */
  result(value) {
    const { facts, instance } = this.#bridge
    if (this.#rule.kind === FACT && facts.version === this.#version) {
      facts.remember(this.#rule, this.#given, instance, value)
    }
    return shaped(this.#rule, value)
  }
}

/** One step's changes and its outcome, over the facts of its event. */
export class Bridge {
  #channel
  #phase
  #highest
  /** @type {any[][]} queued since the last call */
  #changes = []
  #queued = 0

  /**
   * @param {Channel} channel
   * @param {Facts} facts
   * @param {number} phase
   * @param {number} instance its number on the connection
   * @param {number} highest function number that the gateway knows
   */
  constructor(channel, facts, phase, instance, highest) {
    this.#channel = channel
    this.#phase = phase
    this.#highest = highest
    this.facts = facts
    this.instance = instance
    this.replans = false // a change of this step may change the plan
    this.isOver = false // the step ended or was cancelled: whoever still uses it gets Gone
    /** @type {{ outcome: number, detail: any[] } | null} of kong.response.exit or error */
    this.outcome = null
  }

  /** @returns {AbortSignal} */
  get signal() {
    return this.#channel.signal
  }

  /** Return the changes that were not sent yet; they are no longer in the queue. */
  takeChanges() {
    const changes = this.#changes
    this.#changes = []
    return changes
  }

  /**
   * Do what a method of the PDK stands for. What fails here and queues something throws at once, so that it can't be
   * lost with a promise that nobody awaits; what returns something rejects.
   *
   * @param {number} number
   * @param {readonly unknown[]} args
   * @returns {Promise<any>}
   */
  invoke(number, args) {
    const rule = ruleOf(number)
    if (rule.kind !== FACT && rule.kind !== CALL) {
      this.#check(rule)
      if (rule.kind === CHANGE) this.#change(rule, args)
      else if (rule.kind === LOG) this.#log(rule, args)
      else this.#end(rule, args)
      return NOTHING
    }
    try {
      this.#check(rule)
      if (rule.kind === FACT) {
        const value = this.facts.get(rule, args, this.instance)
        if (value !== MISSING) return Promise.resolve(value)
      }
      return this.#channel.call(this.#pending(rule, args))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** @param {Rule} rule */
  #check(rule) {
    if (this.isOver) throw new Gone('the event is over')
    if (!(rule.phases & (1 << this.#phase)) || rule.number > this.#highest || !rule.available) {
      rule.checkUsable(this.#phase, this.#highest)
    }
  }

  /**
   * Return the question whose answer is not here; it carries the queue.
   * @param {Rule} rule
   * @param {readonly unknown[]} args
   */
  #pending(rule, args) {
    if (rule.kind === FACT) {
      // wrong arguments of getters are the gateway's to refuse: one rule, one text
      const sent = args.map((value) => plain(rule.folds ? textOf(value) : value))
      while (sent.length > 0 && sent[sent.length - 1] === null) sent.pop()
      return new PendingCall(this, rule, args, sent)
    }
    const sent = rule.checked(args)
    const call = new PendingCall(this, rule, args, sent)
    this.replans ||= rule.replans
    if (rule.makesStale) this.facts.change(rule, sent, this.instance)
    return call
  }

  /**
   * @param {Rule} rule
   * @param {readonly unknown[]} args
   */
  #change(rule, args) {
    const sent = rule.checked(args)
    if (this.#queued >= MAX_CHANGES) {
      throw new PdkError('too_large', `${rule.name}: more than ${MAX_CHANGES} changes in one step`)
    }
    this.#queued++
    this.replans ||= rule.replans
    if (rule.makesStale || rule.write) this.facts.change(rule, sent, this.instance)
    this.#changes.push([rule.number, ...sent])
  }

  /**
   * @param {Rule} rule
   * @param {readonly unknown[]} args
   * @returns {never}
   */
  #end(rule, args) {
    const [status, content = null, headers = null] = rule.checked(args)
    // a body is bytes on the wire; an error page's message stays text
    const body = typeof content === 'string' && rule.outcome === EXIT ? bytesOfText(content) : content
    this.outcome = { outcome: rule.outcome, detail: [status, body, headers] }
    this.isOver = true
    throw new Ended(`${rule.name} ended the handler; let this pass where you catch errors`)
  }

  /**
   * @param {Rule} rule
   * @param {readonly unknown[]} args
   */
  #log(rule, args) {
    if (rule.level < this.#channel.level) return
    if (rule.name === INSPECT) {
      this.#channel.log(rule.level, args.map((value) => inspect(value)).join(' '), null)
      return
    }
    const last = args[args.length - 1]
    const hasFields = rule.name === DEPRECATION && isMap(last)
    const values = hasFields ? args.slice(0, -1) : args
    this.#channel.log(rule.level, values.map(asText).join(''), hasFields ? plain(last) : null)
  }
}

/** @param {unknown} value */
function asText(value) {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return 'nil'
  if (value instanceof Uint8Array) return textOf(value)
  if (value instanceof Error) return value.stack ?? String(value)
  return typeof value === 'object' ? inspect(value, { breakLength: Infinity }) : String(value)
}
