/**
 * What is known of an exchange without asking: the facts that came with the event, less what was changed since.
 *
 * Nobody but the handler of the running event changes its exchange. So a fact goes stale only by a change that passes
 * through here, and what a call brought back may be kept until such a change.
 *
 * What was sent stays in the flat segments it came in, and is searched from the end (of equal keys the later wins):
 * handlers ask for a few of some twenty facts, and a table would cost more than it saves.
 */

import { DEFAULT_MAX_HEADERS } from './generated/pdk.js'
import { ruleOf } from './table.js'
import { lower, textOf } from './text.js'
import { Blob, plain, put } from './values.js'

/** @typedef {import('./table.js').Rule} Rule */

/**
 * The key of a fact: the number of its function, and its arguments as PROTOCOL.md §4 has them. `id` is the same text
 * for the same key.
 * @typedef {{ id: string | number, number: number, args: readonly unknown[] }} Key
 */

/** Not known here: ask the gateway. */
export const MISSING = Symbol('missing')

const PLUGIN_KEY = 'plugin_key'
const NO_ARGS = Object.freeze(/** @type {unknown[]} */ ([]))

/** The facts of one event, current for the step that runs. */
export class Facts {
  #segments
  /** @type {Map<string | number, { key: Key, value: any }> | null} written by a change or brought by a call */
  #fresh = null
  /** @type {Set<string | number> | null} */
  #stale = null
  /** @type {Map<string | number, Key> | null} */
  #reads

  /**
   * @param {readonly (readonly any[])[]} segments
   * @param {boolean} [reportReads]
   */
  constructor(segments, reportReads = false) {
    this.#segments = segments
    this.#reads = reportReads ? new Map() : null
    this.version = 0 // counts changes; what a call brought is kept only if it is the same as when the call began
  }

  /**
   * Return the value of a PDK function; MISSING if it is absent, stale, or the arguments are not plain ones.
   * @param {Rule} rule
   * @param {readonly unknown[]} args
   * @param {number} instance
   * @returns {any}
   */
  get(rule, args, instance) {
    const key = keyOf(rule, args, instance)
    if (key === null) return MISSING
    if (this.#reads !== null) this.#reads.set(key.id, key)
    const fresh = this.#fresh?.get(key.id)
    if (fresh !== undefined) return shaped(rule, fresh.value)
    if (this.#stale !== null && this.#isStale(rule, key)) return MISSING
    if (rule.lookup === 'headers') return this.#headers(rule, args)
    let value = this.#sent(key.number, key.args)
    if (value === MISSING && rule.lookup) value = this.#lookUp(rule, key, instance)
    return value === MISSING || value instanceof Blob ? MISSING : shaped(rule, value)
  }

  /**
   * Note what a change, or a call that changes something, does to the facts.
   * @param {Rule} rule
   * @param {readonly any[]} args as they go on the wire
   * @param {number} instance
   */
  change(rule, args, instance) {
    this.version++
    const stale = (this.#stale ??= new Set())
    for (const number of rule.staleFunctions) this.#makeStale(stale, number)
    for (const { argument, each, literal, exact, whole } of rule.staleSources) {
      const names = argument === undefined ? [literal] : each ? evenOf(args[argument]) : [args[argument]]
      for (const name of names) {
        const folded = /** @type {string} */ (fold(textOf(name)))
        for (const number of exact) this.#forget(stale, number, textOf(name), folded)
        for (const number of whole.get(folded) ?? []) this.#makeStale(stale, number)
      }
    }
    if (rule.write) {
      const [number, keyPlace, valuePlace] = rule.write
      const key = keyOf(ruleOf(number), [args[keyPlace]], instance)
      if (key !== null) (this.#fresh ??= new Map()).set(key.id, { key, value: args[valuePlace] ?? null })
    }
  }

  /**
   * Keep what a call brought, until a change makes it stale.
   * @param {Rule} rule
   * @param {readonly unknown[]} args
   * @param {number} instance
   * @param {unknown} value
   */
  remember(rule, args, instance, value) {
    const key = keyOf(rule, args, instance)
    if (key !== null) (this.#fresh ??= new Map()).set(key.id, { key, value })
  }

  /** Return the keys asked for since the last time, as `reads` of DONE has them; null if nobody wants to know. */
  takeReads() {
    if (this.#reads === null) return null
    const keys = [...this.#reads.values()]
    this.#reads = new Map()
    const reported = keys.filter((key) => ruleOf(key.number).lookup !== PLUGIN_KEY)
    return reported.map((key) => (key.args.length > 0 ? [key.number, ...key.args] : key.number))
  }

  /**
   * Return what was sent for a key, the latest of several.
   * @param {number} number
   * @param {readonly unknown[]} args
   * @returns {any}
   */
  #sent(number, args) {
    for (let place = this.#segments.length - 1; place >= 0; place--) {
      const segment = this.#segments[place]
      for (let index = segment.length - 2; index >= 0; index -= 2) {
        const key = segment[index]
        if (key === number ? args.length === 0 : Array.isArray(key) && isKey(key, number, args))
          return segment[index + 1]
      }
    }
    return MISSING
  }

  /**
   * @param {Rule} rule
   * @param {Key} key
   */
  #isStale(rule, key) {
    const stale = /** @type {Set<string | number>} */ (this.#stale)
    if (stale.has(rule.number)) return true
    if (key.args.length === 0) return false
    return stale.has(staleId(rule.number, rule.folds ? fold(key.args[0]) : firstOf(rule, key)))
  }

  /**
   * @param {Set<string | number>} stale
   * @param {number} number
   */
  #makeStale(stale, number) {
    stale.add(number)
    if (this.#fresh === null) return
    for (const [id, { key }] of this.#fresh) if (key.number === number) this.#fresh.delete(id)
  }

  /**
   * @param {Set<string | number>} stale
   * @param {number} number
   * @param {unknown} name
   * @param {unknown} folded
   */
  #forget(stale, number, name, folded) {
    const rule = ruleOf(number)
    const wanted = rule.folds ? folded : name
    stale.add(staleId(number, wanted))
    if (this.#fresh === null) return
    for (const [id, { key }] of this.#fresh) {
      if (key.number !== number) continue
      if ((rule.folds ? fold(key.args[0]) : firstOf(rule, key)) === wanted) this.#fresh.delete(id)
    }
  }

  /**
   * @param {Rule} rule
   * @param {Key} key
   * @param {number} instance
   * @returns {any}
   */
  #lookUp(rule, key, instance) {
    const name = /** @type {string} */ (firstOf(rule, key))
    if (rule.lookup === 'header') return this.#header(rule.lookupIn, name)
    const block = this.#sent(rule.lookupIn, rule.lookup === PLUGIN_KEY ? [instance] : NO_ARGS)
    if (rule.lookup === 'query_arg') return Array.isArray(block) ? firstInQuery(block, name) : MISSING
    if (typeof block !== 'object' || block === null) return MISSING
    return Object.hasOwn(block, name) ? block[name] : null
  }

  /**
   * @param {number} number of the block's function
   * @param {string} name in lower case
   */
  #header(number, name) {
    const block = this.#sent(number, NO_ARGS)
    if (block === MISSING) return MISSING
    const lines = textOf(block)
    return firstValue(lines, name) ?? (name.includes('_') ? firstValue(lines, name.replaceAll('_', '-')) : null)
  }

  /**
   * @param {Rule} rule
   * @param {readonly unknown[]} args
   */
  #headers(rule, args) {
    const block = this.#sent(rule.lookupIn, NO_ARGS)
    if (block === MISSING) return MISSING
    return parseHeaders(block, /** @type {number} */ (args[0] ?? DEFAULT_MAX_HEADERS))
  }
}

/**
 * Return the key of a fact, or null if the arguments are not what the table says: the gateway refuses them.
 * @param {Rule} rule
 * @param {readonly unknown[]} args
 * @param {number} instance
 * @returns {Key | null}
 */
export function keyOf(rule, args, instance) {
  const { number, args: declared } = rule
  if (args.length > declared.length) return null
  const values = []
  for (let place = 0; place < args.length; place++) {
    const argument = declared[place]
    const value = args[place] instanceof Uint8Array && argument.type === 'text' ? textOf(args[place]) : args[place]
    if (value === undefined || value === null) {
      values.push(null)
      continue
    }
    if (typeof value !== KEY_TYPES[argument.type]) return null
    if (argument.type === 'integer' && !Number.isSafeInteger(value)) return null
    if (argument.minimum !== undefined && /** @type {number} */ (value) < argument.minimum) return null
    if (argument.maximum !== undefined && /** @type {number} */ (value) > argument.maximum) return null
    values.push(value)
  }
  let length = values.length
  while (length > 0 && (values[length - 1] === null || values[length - 1] === declared[length - 1].default)) length--
  values.length = length
  if (length === 0) return declared.length === 0 || declared[0].optional ? { id: number, number, args: NO_ARGS } : null
  if (rule.folds) values[0] = lower(/** @type {string} */ (values[0]))
  if (rule.lookup === PLUGIN_KEY) values.unshift(instance)
  return { id: idOf(number, values), number, args: values }
}

/** @type {Record<string, string | undefined>} */
const KEY_TYPES = { integer: 'number', boolean: 'boolean', text: 'string', string: 'string' }

/**
 * @param {number} number
 * @param {readonly unknown[]} values
 */
function idOf(number, values) {
  const [first] = values
  return values.length === 1 && typeof first === 'string' ? `${number} ${first}` : JSON.stringify([number, ...values])
}

/**
 * @param {number} number
 * @param {unknown} name
 */
function staleId(number, name) {
  return typeof name === 'string' ? `${number} ${name}` : JSON.stringify([number, name])
}

/**
 * Return the first argument as the author gave it; in keys of kong.ctx.plugin the instance stands before it.
 * @param {Rule} rule
 * @param {Key} key
 */
function firstOf(rule, key) {
  return key.args[rule.lookup === PLUGIN_KEY ? 1 : 0]
}

/**
 * @param {readonly unknown[]} key as it came
 * @param {number} number
 * @param {readonly unknown[]} args
 */
function isKey(key, number, args) {
  if (key[0] !== number || key.length !== args.length + 1) return false
  for (let place = 0; place < args.length; place++) if (textOf(key[place + 1]) !== args[place]) return false
  return true
}

/**
 * Return a value of the wire as the plugin sees it; a copy, as a plugin may change what it gets.
 * @param {Rule} rule
 * @param {any} value
 * @returns {any}
 */
export function shaped(rule, value) {
  if (rule.lookup === 'headers') return parseHeaders(value ?? '')
  if (rule.isText) return textOf(value)
  if (rule.isQuery) return parseQuery(value ?? [])
  return typeof value === 'object' && value !== null ? plain(value) : value
}

/**
 * Return the first `limit` lines of a block of headers by name; a name that occurs again has an array.
 * @param {string | Uint8Array} block
 * @param {number} [limit]
 * @returns {Record<string, string | string[]>}
 */
export function parseHeaders(block, limit = 1000) {
  /** @type {Record<string, string | string[]>} without prototype: the names are the client's */
  const headers = Object.create(null)
  const lines = textOf(block).split('\n')
  const end = Math.min(lines.length - 1, 2 * limit)
  for (let place = 0; place < end; place += 2) add(headers, lines[place], lines[place + 1])
  return headers
}

/**
 * Return the arguments of a query by name; a name that occurs again has an array.
 * @param {readonly any[]} pairs name, value, name, value …
 * @returns {Record<string, any>}
 */
export function parseQuery(pairs) {
  const query = Object.create(null)
  for (let place = 0; place + 1 < pairs.length; place += 2) add(query, textOf(pairs[place]), textOf(pairs[place + 1]))
  return query
}

/**
 * @param {Record<string, any>} map without prototype
 * @param {string} name
 * @param {string | true} value
 */
function add(map, name, value) {
  const before = map[name]
  if (before === undefined) put(map, name, value)
  else if (Array.isArray(before)) before.push(value)
  else map[name] = [before, value]
}

/** @param {unknown} name */
function fold(name) {
  return typeof name === 'string' ? lower(name).replaceAll('_', '-') : name
}

/**
 * @param {readonly any[]} pairs
 * @param {string} name
 */
function firstInQuery(pairs, name) {
  for (let place = 0; place + 1 < pairs.length; place += 2) {
    if (textOf(pairs[place]) === name) return textOf(pairs[place + 1])
  }
  return null
}

/**
 * Return the value of the first line with a name, null if there is none.
 * @param {string} block name LF value LF name LF value …
 * @param {string} name
 */
function firstValue(block, name) {
  for (let start = 0; ; ) {
    const end = block.indexOf('\n', start)
    if (end < 0) return null
    const next = block.indexOf('\n', end + 1)
    if (end - start === name.length && block.startsWith(name, start))
      return block.slice(end + 1, next < 0 ? undefined : next)
    if (next < 0) return null
    start = next + 1
  }
}

/** @param {readonly any[]} flat */
function evenOf(flat) {
  return flat.filter((_, place) => place % 2 === 0)
}
