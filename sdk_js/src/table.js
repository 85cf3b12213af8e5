/** The PDK's table made ready for use: each of `FUNCTIONS`, its words turned into numbers once. */

import { checkArguments } from './arguments.js'
import { PdkError } from './errors.js'
import { FUNCTIONS, HOST_FUNCTIONS, LOG_LEVELS, OUTCOMES, PHASE_NAMES } from './generated/pdk.js'

/** @typedef {import('./generated/pdk.js').PdkFunction} PdkFunction */
/** @typedef {import('./generated/pdk.js').Stale} Stale */

/**
 * Where a change has names that make facts stale, and which: `exact` functions lose their fact of that name, those in
 * `whole` all their facts when the folded name is the key.
 * @typedef {{
 *   argument: number | undefined, each: boolean, literal: string | undefined, exact: number[], whole: Map<string, number[]>
 * }} Source
 */

export const FACT = 0
export const CHANGE = 1
export const CALL = 2
export const OUTCOME = 3
export const LOG = 4
const KINDS = Object.freeze({ fact: FACT, change: CHANGE, call: CALL, outcome: OUTCOME, log: LOG })

/** How one PDK function behaves at this end. */
export class Rule {
  /** @param {PdkFunction} spec */
  constructor(spec) {
    this.spec = spec
    this.number = spec.number
    this.name = spec.name
    this.kind = KINDS[spec.kind]
    this.args = spec.args ?? []
    this.phases = spec.phases.reduce((bits, phase) => bits | (1 << phase), 0) // a bit for each
    const result = spec.result.replace('?', '')
    this.isText = result === 'text' || result === 'query_value'
    this.isQuery = result === 'query'
    this.lookupIn = spec.lookup?.[0] ?? 0
    this.lookup = spec.lookup?.[1] ?? ''
    this.folds = this.lookup === 'header' // its keys are header names: lower case; `_` is `-` to a change
    this.staleFunctions = (spec.stales ?? [])
      .filter((stale) => stale.argument === undefined && stale.literal === undefined)
      .map((stale) => stale.function)
    this.staleSources = sourcesOf(spec.stales ?? [])
    this.makesStale = Boolean(spec.stales)
    this.write = spec.write // function, place of the key, place of the value
    this.outcome = spec.outcome ? OUTCOMES[spec.outcome] : 0
    this.level = spec.logLevel ? LOG_LEVELS[spec.logLevel] : 0
    this.replans = spec.replans ?? false
    this.available = spec.unavailable === undefined
  }

  /**
   * Return the arguments as they go on the wire, without trailing ones that were left out. Throws PdkError `bad_args`.
   * @param {readonly unknown[]} args
   */
  checked(args) {
    return checkArguments(this.name, this.args, args)
  }

  /**
   * Throw PdkError if it can't be used in a phase, or by a gateway that knows numbers up to `highest` only.
   * @param {number} phase
   * @param {number} highest
   */
  checkUsable(phase, highest) {
    if (!this.available) throw new PdkError('unsupported', `${this.name}: ${this.spec.unavailable}`)
    if (!(this.phases & (1 << phase))) {
      const names = this.spec.phases.map((number) => PHASE_NAMES[number]).join(', ')
      const here = PHASE_NAMES[phase] ?? phase
      throw new PdkError('wrong_phase', `${this.name}: function cannot be called in ${here} phase (only in: ${names})`)
    }
    if (this.number > highest && this.number < HOST_FUNCTIONS) {
      const text = `${this.name}: the gateway is older than this SDK and does not know it`
      throw new PdkError('unsupported', text)
    }
  }
}

/**
 * @param {readonly Stale[]} stales
 * @returns {Source[]}
 */
function sourcesOf(stales) {
  /** @type {Map<string, Source>} */
  const sources = new Map()
  for (const { function: number, argument, each = false, literal, only } of stales) {
    if (argument === undefined && literal === undefined) continue
    const place = JSON.stringify([argument, each, literal])
    /** @type {Source} */
    const source = sources.get(place) ?? { argument, each, literal, exact: [], whole: new Map() }
    sources.set(place, source)
    if (!only) source.exact.push(number)
    for (const name of only ?? []) source.whole.set(name, [...(source.whole.get(name) ?? []), number])
  }
  return [...sources.values()]
}

/** @type {(Rule | undefined)[]} */
const byNumber = []
/** @type {ReadonlyMap<string, Rule>} */
export const BY_NAME = new Map(
  FUNCTIONS.map((spec) => {
    const rule = new Rule(spec)
    byNumber[spec.number] = rule
    return [spec.name, rule]
  }),
)

/** The highest function number this SDK knows. */
export const HIGHEST = byNumber.length - 1

/**
 * Return the rule of a function that is in the table.
 * @param {number} number
 */
export function ruleOf(number) {
  const rule = byNumber[number]
  if (rule === undefined) throw new PdkError('unsupported', `there is no function ${number}`)
  return rule
}
