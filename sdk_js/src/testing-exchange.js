/**
 * A request and its response as plain data, answering PDK functions in place of a gateway.
 *
 * It covers what handlers read and change most; the rest is answered from `answers`, or refused with a hint. Real
 * gateways normalise and check more: this is for the logic of a plugin, not for HTTP.
 */

import { PdkError } from './errors.js'
import { DEFAULT_FACTS } from './generated/pdk.js'
import { BY_NAME, ruleOf } from './table.js'
import { lower, textOf } from './text.js'
import { put } from './values.js'

/** @typedef {import('./generated/pdk.js').HeadersToSet} HeadersToSet */

/**
 * What the client sent. `query` is without question mark.
 * @typedef {{
 *   method?: string, path?: string, query?: string, headers?: HeadersToSet, body?: string | Uint8Array,
 *   scheme?: string, host?: string, port?: number, clientIp?: string, clientPort?: number,
 * }} Request
 */

/** @typedef {{ status?: number, headers?: HeadersToSet, body?: string | Uint8Array }} Response what came from upstream */

/**
 * Names of PDK functions (`kong.client.load_consumer`) and what they answer: a value, or a function of their arguments
 * that returns it or throws PdkError.
 * @typedef {Record<string, unknown>} Answers
 */

/** @typedef {[name: string, value: string][]} Lines names in lower case */

/** One request on its way. The same object carries it, and `kong.ctx`, from one phase to the next. */
export class Exchange {
  /**
   * @param {Request} [request]
   * @param {Response} [response]
   * @param {Answers} [answers]
   */
  constructor(request = {}, response = {}, answers = {}) {
    this.request = { ...REQUEST, ...request, body: bytesOf(request.body) }
    this.response = { status: 200, headers: {}, ...response, body: bytesOf(response.body) }
    this.answers = answers
    this.method = this.request.method
    this.path = this.request.path // towards upstream; kong.request does not show a changed one
    this.query = this.request.query
    this.body = this.request.body
    /** @type {Lines} */
    this.requestHeaders = [['host', this.request.host], ...linesOf(this.request.headers)]
    this.responseStatus = this.response.status
    this.responseHeaders = linesOf(this.response.headers)
    this.responseBody = this.response.body
    /** @type {Record<string, any>} */
    this.shared = {}
    /** @type {Record<number, Record<string, any>>} by instance */
    this.pluginCtx = {}
    /** @type {Record<string, any> | null} */
    this.consumer = null
    /** @type {Record<string, any> | null} */
    this.credential = null
  }

  /** Return all that changes can change, for `restore`. */
  record() {
    const { method, path, query, requestHeaders, responseStatus, responseHeaders, body, responseBody } = this
    const { shared, pluginCtx, consumer, credential } = this
    const values = structuredClone({ requestHeaders, responseHeaders, shared, pluginCtx, consumer, credential })
    return { ...values, method, path, query, responseStatus, body, responseBody } // bodies are replaced, never changed
  }

  /**
   * Undo every change since `record`.
   * @param {ReturnType<Exchange['record']>} record
   */
  restore(record) {
    Object.assign(this, record)
  }

  /**
   * Return what a gateway sends along by default, as one segment of an EVENT.
   * @param {number} phase
   */
  facts(phase) {
    const segment = []
    for (const number of DEFAULT_FACTS[phase] ?? []) {
      const { name } = ruleOf(number)
      const answer = Object.hasOwn(this.answers, name) ? this.answers[name] : GETTERS[name]?.(this)
      if (answer !== undefined && typeof answer !== 'function') segment.push(number, answer)
    }
    return segment
  }

  /**
   * Return the result of a PDK function, as the wire has it. Throws PdkError.
   * @param {string} name
   * @param {any[]} args
   * @param {number} instance
   * @returns {any}
   */
  call(name, args, instance) {
    if (Object.hasOwn(this.answers, name)) {
      const answer = this.answers[name]
      return typeof answer === 'function' ? answer(...args) : answer
    }
    if (Object.hasOwn(GETTERS, name)) return GETTERS[name](this, ...args)
    if (name === 'kong.ctx.plugin.get') return this.pluginCtx[instance]?.[args[0]] ?? null
    const hint = `answers: { '${name}': … }`
    throw new PdkError('unsupported', `the test kit has no answer to ${name}(${args.join(', ')}); give one: ${hint}`)
  }

  /**
   * Execute a change. Those that only the gateway itself sees are accepted and do nothing.
   * @param {string} name
   * @param {any[]} args
   * @param {number} instance
   */
  apply(name, args, instance) {
    if (name === 'kong.ctx.plugin.set') store((this.pluginCtx[instance] ??= {}), args[0], args[1])
    else if (Object.hasOwn(CHANGES, name)) CHANGES[name](this, ...args)
    else if (!BY_NAME.has(name)) throw new PdkError('unsupported', name)
  }
}

const REQUEST = Object.freeze({
  method: 'GET',
  path: '/',
  query: '',
  headers: /** @type {HeadersToSet} */ ({}),
  scheme: 'http',
  host: 'localhost',
  port: 8000,
  clientIp: '127.0.0.1',
  clientPort: 50000,
})

/** @param {string | Uint8Array | undefined} body */
function bytesOf(body) {
  return typeof body === 'string' ? Buffer.from(body) : Buffer.from(body ?? [])
}

/**
 * @param {HeadersToSet} headers
 * @returns {Lines}
 */
function linesOf(headers) {
  return Object.entries(headers).flatMap(([name, value]) => written(name, value))
}

/**
 * @param {string} name
 * @param {any} value
 * @returns {Lines}
 */
function written(name, value) {
  if (Array.isArray(value)) return value.flatMap((item) => written(name, item))
  return [[lower(textOf(name)), String(textOf(value))]]
}

/**
 * @param {Lines} lines
 * @param {string} name
 * @returns {Lines}
 */
function without(lines, name) {
  return lines.filter((line) => line[0] !== lower(textOf(name)))
}

/**
 * @param {Lines} lines
 * @param {any[]} flat name, value, name, value …
 */
function replaced(lines, flat) {
  for (let place = 0; place < flat.length; place += 2) {
    lines = [...without(lines, flat[place]), ...written(flat[place], flat[place + 1])]
  }
  return lines
}

/**
 * @param {Lines} lines
 * @param {any} name
 */
function first(lines, name) {
  const wanted = lower(textOf(name))
  const line = lines.find(([known]) => known === wanted)
  return (line ?? lines.find(([known]) => known === wanted.replaceAll('_', '-')))?.[1] ?? null
}

/**
 * @param {Lines} lines
 * @param {number} [limit]
 */
function block(lines, limit = 1000) {
  return lines.slice(0, limit).flat().join('\n')
}

/**
 * Return a query's arguments as `[name, value, …]`; true is the value of a name without `=`.
 * @param {string} query
 */
function pairsOf(query) {
  const decoded = (/** @type {string} */ text) => decodeURIComponent(text.replaceAll('+', ' '))
  return query
    .split('&')
    .filter(Boolean)
    .flatMap((part) => {
      const [, name, value] = /** @type {RegExpExecArray} */ (/^([^=]*)(?:=(.*))?$/s.exec(part))
      return [decoded(name), value === undefined ? true : decoded(value)]
    })
}

/** @param {Record<string, any>} args */
function queryOf(args) {
  const pieces = Object.entries(args).flatMap(([name, value]) =>
    [value].flat().map((item) => {
      if (item === false) return ''
      const key = encodeURIComponent(name)
      return item === true ? key : `${key}=${encodeURIComponent(textOf(item))}`
    }),
  )
  return pieces.sort().join('&')
}

/**
 * @param {Record<string, any>} table
 * @param {string} key
 * @param {any} [value]
 */
function store(table, key, value = null) {
  if (value === null) delete table[key]
  else put(table, key, value)
}

/**
 * @param {Buffer} body
 * @param {Lines} headers
 * @param {string | null} [mimetype]
 */
function parsed(body, headers, mimetype) {
  const kind = (mimetype ?? first(headers, 'content-type') ?? '').toLowerCase()
  if (kind.startsWith('application/json')) {
    try {
      return JSON.parse(body.toString())
    } catch {
      throw new PdkError('pdk', 'invalid json body')
    }
  }
  if (kind.startsWith('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(body.toString()))
  }
  throw new PdkError('pdk', kind ? `unsupported content type '${kind}'` : 'missing content type')
}

/** @type {Record<string, (x: Exchange, ...args: any[]) => any>} */
const GETTERS = {
  'kong.exchange.get_id': () => '0'.repeat(32),
  'kong.exchange.get_consumer_id': (x) => x.consumer?.id ?? null,
  'kong.exchange.get_credential_id': (x) => x.credential?.id ?? null,
  'kong.client.get_ip': (x) => x.request.clientIp,
  'kong.client.get_port': (x) => x.request.clientPort,
  'kong.client.get_forwarded_ip': (x) => x.request.clientIp,
  'kong.client.get_forwarded_port': (x) => x.request.clientPort,
  'kong.client.get_consumer': (x) => x.consumer,
  'kong.client.get_credential': (x) => x.credential,
  'kong.request.get_method': (x) => x.method,
  'kong.request.get_scheme': (x) => x.request.scheme,
  'kong.request.get_host': (x) => x.request.host.toLowerCase(),
  'kong.request.get_port': (x) => x.request.port,
  'kong.request.get_path': (x) => x.request.path,
  'kong.request.get_raw_path': (x) => x.request.path,
  'kong.request.get_path_with_query': (x) => x.request.path + (x.request.query && `?${x.request.query}`),
  'kong.request.get_raw_query': (x) => x.query,
  'kong.request.get_query': (x, limit = 100) => pairsOf(x.query).slice(0, 2 * limit),
  'kong.request.get_query_arg': (x, name) => {
    const pairs = pairsOf(x.query)
    const place = pairs.findIndex((item, index) => index % 2 === 0 && item === textOf(name))
    return place < 0 ? null : pairs[place + 1]
  },
  'kong.request.get_header': (x, name) => first(x.requestHeaders, name),
  'kong.request.get_headers': (x, limit) => block(x.requestHeaders, limit),
  'kong.request.get_http_version': () => 1.1,
  'kong.request.get_raw_body': (x) => x.body,
  'kong.request.get_body': (x, mimetype) => parsed(x.body, x.requestHeaders, mimetype),
  'kong.response.get_status': (x) => x.responseStatus,
  'kong.response.get_header': (x, name) => first(x.responseHeaders, name),
  'kong.response.get_headers': (x, limit) => block(x.responseHeaders, limit),
  'kong.response.get_source': () => 'service',
  'kong.response.get_raw_body': (x) => x.responseBody,
  'kong.service.response.get_status': (x) => x.response.status,
  'kong.service.response.get_header': (x, name) => first(linesOf(x.response.headers), name),
  'kong.service.response.get_headers': (x, limit) => block(linesOf(x.response.headers), limit),
  'kong.service.response.get_raw_body': (x) => x.response.body,
  'kong.service.response.get_body': (x, mimetype) => parsed(x.response.body, linesOf(x.response.headers), mimetype),
  'kong.ctx.shared.get': (x, key) => x.shared[key] ?? null,
}

/** @type {Record<string, (x: Exchange, ...args: any[]) => void>} */
const CHANGES = {
  'kong.client.authenticate': (x, consumer = null, credential = null) => Object.assign(x, { consumer, credential }),
  'kong.ctx.shared.set': (x, key, value) => store(x.shared, key, value),
  'kong.service.request.set_method': (x, method) => Object.assign(x, { method }),
  'kong.service.request.set_path': (x, path) => Object.assign(x, { path: textOf(path) }),
  'kong.service.request.set_raw_query': (x, query) => Object.assign(x, { query: textOf(query) }),
  'kong.service.request.set_query': (x, args) => Object.assign(x, { query: queryOf(args) }),
  'kong.service.request.set_raw_body': (x, body) => Object.assign(x, { body }),
  'kong.service.request.set_header': (x, ...pair) =>
    Object.assign(x, { requestHeaders: replaced(x.requestHeaders, pair) }),
  'kong.service.request.add_header': (x, name, value) => x.requestHeaders.push(...written(name, value)),
  'kong.service.request.clear_header': (x, name) =>
    Object.assign(x, { requestHeaders: without(x.requestHeaders, name) }),
  'kong.service.request.set_headers': (x, flat) =>
    Object.assign(x, { requestHeaders: replaced(x.requestHeaders, flat) }),
  'kong.response.set_status': (x, status) => Object.assign(x, { responseStatus: status }),
  'kong.response.set_raw_body': (x, body) => Object.assign(x, { responseBody: body }),
  'kong.response.set_header': (x, ...pair) => Object.assign(x, { responseHeaders: replaced(x.responseHeaders, pair) }),
  'kong.response.add_header': (x, name, value) => x.responseHeaders.push(...written(name, value)),
  'kong.response.clear_header': (x, name) => Object.assign(x, { responseHeaders: without(x.responseHeaders, name) }),
  'kong.response.set_headers': (x, flat) => Object.assign(x, { responseHeaders: replaced(x.responseHeaders, flat) }),
}
