/**
 * Run a plugin's handler without a gateway.
 *
 *     const result = await run(Hello, 'access', { config: { greeting: 'hi' }, request: { headers: { 'x-user': 'bob' } } })
 *     assert.equal(result.requestHeaders['x-greeting'], 'hi bob')
 *
 * The handler uses the same bridge as in a server: phases, arguments and values are checked, stale facts are asked for,
 * and changes count all or none. What a handler throws comes out of `run`; `exit` and `error` are in the result.
 */

import { Bridge } from './bridge.js'
import { decode, encode } from './codec.js'
import { Ended, Gone, PluginError } from './errors.js'
import { Facts, parseHeaders } from './facts.js'
import { Kong, LOG_LEVELS, PHASES } from './generated/pdk.js'
import { ERROR_PAGE, EXIT } from './messages.js'
import { declare } from './plugin.js'
import { withDefaults } from './schema.js'
import { HIGHEST, ruleOf } from './table.js'
import { Exchange } from './testing-exchange.js'

export { Exchange } from './testing-exchange.js'

/** @typedef {import('./bridge.js').PendingCall} PendingCall */
/** @typedef {import('./generated/pdk.js').HeadersRead} HeadersRead */
/** @typedef {import('./testing-exchange.js').Request} Request */
/** @typedef {import('./testing-exchange.js').Response} Response */
/** @typedef {import('./testing-exchange.js').Answers} Answers */

/**
 * - `config`: what the schema has defaults for may be left out
 * - `exchange`: goes on with that of an earlier phase in place of a new one made of `request`, `response`, `answers`
 * - `facts`: false sends nothing along, so that the handler has to ask for everything: it must do the same
 * - `signal`: what `kong.signal` is
 *
 * @typedef {{
 *   config?: Record<string, any>, request?: Request, response?: Response, answers?: Answers, exchange?: Exchange,
 *   facts?: boolean, signal?: AbortSignal,
 * }} Options
 */

/**
 * What a handler did.
 *
 * - `outcome`: `done`, `exit` or `error_page`; `status`, `body` and `headers` are those of the last two, null for `done`
 * - `requestHeaders`, `responseHeaders`: what goes upstream, and what the client gets, by lower-case name
 * - `changes`: name of the PDK function and its arguments, in order; `calls`: what had to be asked
 * - `exchange`: as the handler left it; give it to the next phase's `run`
 *
 * @typedef {{
 *   outcome: 'done' | 'exit' | 'error_page', status: number | null, body: any, headers: Record<string, any>,
 *   requestHeaders: HeadersRead, responseHeaders: HeadersRead,
 *   changes: [name: string, args: any[]][], calls: [name: string, args: any[]][],
 *   logs: { level: string, text: string }[], exchange: Exchange,
 * }} Result
 */

const INSTANCE = 1
const LEVEL_NAMES = Object.fromEntries(Object.entries(LOG_LEVELS).map(([name, number]) => [number, name]))

/**
 * Run one handler and return what it did. Rejects with PluginError if the plugin has no handler for the phase, and with
 * whatever the handler throws.
 *
 * @param {import('./plugin.js').PluginClass | { Plugin: import('./plugin.js').PluginClass }} plugin
 * @param {string} phase
 * @param {Options} [options]
 * @returns {Promise<Result>}
 */
export async function run(plugin, phase, options = {}) {
  const { Plugin, ...settings } = typeof plugin === 'function' ? { Plugin: plugin } : plugin
  const declaration = declare(Plugin, { settings, fallback: 'plugin' })
  const number = /** @type {Record<string, number>} */ (PHASES)[phase]
  if (!declaration.phases.some((known) => known.number === number)) {
    throw new PluginError(`${declaration.name} has no handler for '${phase}'`)
  }
  const instance = new Plugin(overTheWire(withDefaults(declaration.schema, options.config ?? {})))
  await instance.start?.()
  const host = new Host(options)
  const before = host.exchange.record()
  const facts = new Facts(options.facts === false ? [] : [overTheWire(host.exchange.facts(number))])
  const bridge = new Bridge(host, facts, number, INSTANCE, HIGHEST)
  try {
    await instance[phase](new Kong(bridge))
    host.apply(bridge.takeChanges())
  } catch (error) {
    if (bridge.outcome === null || !(error instanceof Ended || error instanceof Gone)) {
      host.exchange.restore(before)
      throw error
    }
    host.apply(bridge.takeChanges())
  } finally {
    bridge.isOver = true
    await instance.stop?.()
  }
  return host.result(bridge)
}

/** The gateway's end of the bridge, over an exchange that is plain data. */
class Host {
  level = 0
  /** @type {Result['changes']} */
  #changes = []
  /** @type {Result['calls']} */
  #calls = []
  /** @type {Result['logs']} */
  #logs = []

  /** @param {Options} options */
  constructor({ exchange, request, response, answers, signal }) {
    this.exchange = exchange ?? new Exchange(request, response, answers)
    this.signal = signal ?? new AbortController().signal
  }

  /** @param {any[][]} changes */
  apply(changes) {
    for (const [number, ...args] of overTheWire(changes)) {
      const { name } = ruleOf(number)
      this.#changes.push([name, args])
      this.exchange.apply(name, args, INSTANCE)
    }
  }

  /** @param {PendingCall} call */
  async call(call) {
    this.apply(call.changes)
    const { name } = ruleOf(call.number)
    const args = overTheWire(call.args)
    this.#calls.push([name, args])
    return call.result(overTheWire(await this.exchange.call(name, args, INSTANCE)))
  }

  /**
   * @param {number} level
   * @param {string} text
   */
  log(level, text) {
    this.#logs.push({ level: LEVEL_NAMES[level], text })
  }

  /**
   * @param {Bridge} bridge
   * @returns {Result}
   */
  result(bridge) {
    const { outcome, detail } = bridge.outcome ?? { outcome: 0, detail: [null, null, null] }
    const [status, body, flat] = overTheWire(detail)
    /** @type {Record<string, any>} */
    const headers = {}
    for (let place = 0; flat && place < flat.length; place += 2) headers[flat[place]] = flat[place + 1]
    return {
      outcome: outcome === EXIT ? 'exit' : outcome === ERROR_PAGE ? 'error_page' : 'done',
      status,
      body: Buffer.isBuffer(body) ? body.toString() : body,
      headers,
      requestHeaders: parseHeaders(this.exchange.requestHeaders.flat().join('\n')),
      responseHeaders: parseHeaders(this.exchange.responseHeaders.flat().join('\n')),
      changes: this.#changes,
      calls: this.#calls,
      logs: this.#logs,
      exchange: this.exchange,
    }
  }
}

/**
 * Return a value as it arrives at the other end; what the wire can't carry fails here too.
 * @param {any} value
 * @returns {any}
 */
function overTheWire(value) {
  return decode(encode([0, value]).subarray(4))[1]
}
