// GENERATED from proto/pdk.toml by proto/generate.py; do not edit.
/* The PDK: `Kong` as a handler sees it, and the table of all functions. */

/**
 * What a header may be set to. An array is one line for each value.
 * @typedef {string | number | boolean | Uint8Array | readonly (string | Uint8Array)[]} HeaderValue
 */

/**
 * Headers to be set, by name.
 * @typedef {Readonly<Record<string, HeaderValue>>} HeadersToSet
 */

/**
 * Headers as read, by lower-case name; a name that occurs again has an array. The object has no prototype.
 * @typedef {Record<string, string | string[]>} HeadersRead
 */

/**
 * The value of a query argument; true for a name without `=`.
 * @typedef {string | true} QueryValue
 */

/**
 * A query by name; a name that occurs again has an array. The object has no prototype.
 * @typedef {Record<string, QueryValue | QueryValue[]>} Query
 */

/**
 * One argument of a PDK function. `minimum`, `maximum`, `oneOf` and `prefix` limit it; `variadic`: any number of these.
 * @typedef {{
 *   name: string, type: string, optional?: boolean, default?: unknown, minimum?: number, maximum?: number,
 *   oneOf?: readonly string[], prefix?: string, variadic?: boolean
 * }} Arg
 */

/**
 * What one entry of `invalidates` does to facts of `function`. The keys of a change are: the value of its argument
 * `argument`; with `each`, the names in those headers; or `literal`. Without a key every fact of the function goes
 * stale. With a key and without `only`, the facts whose first argument is that key. With `only`, every fact of the
 * function if a key is in `only`. Names of headers are compared folded: ASCII lower case, `_` as `-`.
 * @typedef {{
 *   function: number, argument?: number, each?: boolean, literal?: string, only?: readonly string[]
 * }} Stale
 */

/**
 * One PDK function; the fields are described at the top of proto/pdk.toml.
 * @typedef {{
 *   number: number, name: string, kind: 'fact' | 'change' | 'call' | 'outcome' | 'log', phases: readonly number[],
 *   result: string, args?: readonly Arg[], lookup?: readonly [number, string], headers?: readonly string[],
 *   stales?: readonly Stale[], write?: readonly [number, number, number], outcome?: string, logLevel?: string,
 *   replans?: boolean, unavailable?: string, external?: boolean
 * }} PdkFunction
 */

/**
 * What the SDK puts behind the namespaces, one per step of an event. `invoke` does what the function of that number is
 * there for, with all its arguments in order; those that were left out are undefined.
 * @typedef {{ invoke(number: number, args: readonly unknown[]): any, readonly signal: AbortSignal }} Bridge
 */

/** Lowest and highest protocol version. */
export const VERSIONS = Object.freeze([1, 1])
export const FEATURES = Object.freeze(['fusion', 'streams', 'reads'])
export const PHASES = Object.freeze({
  certificate: 1,
  rewrite: 2,
  access: 3,
  response: 4,
  log: 5,
  preread: 6,
  response_headers: 7,
  request_body: 8,
  response_body: 9,
  ws_handshake: 10,
  ws_client_frame: 11,
  ws_upstream_frame: 12,
})
/** @type {Readonly<Record<number, string>>} */
export const PHASE_NAMES = Object.freeze({
  1: 'certificate',
  2: 'rewrite',
  3: 'access',
  4: 'response',
  5: 'log',
  6: 'preread',
  7: 'response_headers',
  8: 'request_body',
  9: 'response_body',
  10: 'ws_handshake',
  11: 'ws_client_frame',
  12: 'ws_upstream_frame',
})
/** @type {Readonly<Record<string, number>>} */
export const LOG_LEVELS = Object.freeze({
  debug: 1,
  info: 2,
  notice: 3,
  warn: 4,
  err: 5,
  crit: 6,
  alert: 7,
})
/** @type {Readonly<Record<string, number>>} */
export const OUTCOMES = Object.freeze({
  next: 0,
  done: 1,
  exit: 2,
  error_page: 3,
  failed: 4,
})
export const MESSAGES = Object.freeze({
  HELLO: 1,
  WELCOME: 2,
  PING: 4,
  PONG: 5,
  DRAIN: 6,
  START: 8,
  STARTED: 9,
  CLOSE: 10,
  EVENT: 16,
  DONE: 17,
  CANCEL: 18,
  CALL: 20,
  REPLY: 21,
  LOG: 24,
  CHUNK: 28,
  WINDOW: 29,
})

/** Error codes, each with the status that a client sees under `fail_closed` (0: none). */
export const ERROR_STATUS = Object.freeze({
  failed: 500,
  bad_change: 500,
  deadline: 504,
  cancelled: 0,
  client_gone: 0,
  refused: 503,
  no_instance: 503,
  bad_config: 503,
  start_failed: 503,
  lost: 500,
  overload: 503,
  unavailable: 503,
  gone: 500,
  bad_args: 500,
  wrong_phase: 500,
  unsupported: 500,
  too_large: 500,
  pdk: 500,
  internal: 500,
  version: 503,
  auth: 503,
  protocol: 500,
  limit: 500,
  stalled: 500,
  mismatch: 503,
})

/** bytes of one frame's value, unless the receiver said otherwise */
export const MAX_FRAME_DEFAULT = 1048576
/** bytes; no peer may ask for less */
export const MAX_FRAME_MINIMUM = 262144
/** bytes of the first frame to a server */
export const MAX_HELLO = 65536
/** bytes of the first frame to a host */
export const MAX_WELCOME = 1048576
/** seconds for HELLO, and again for WELCOME */
export const HANDSHAKE_TIMEOUT = 5
/** arrays and maps within each other, the message included */
export const MAX_DEPTH = 32
/** elements of a message */
export const MAX_ELEMENTS = 15
/** 2^53 - 1: ids, sizes, counters */
export const MAX_ID = 9007199254740991
/** bytes of an error code */
export const MAX_ERROR_CODE = 32
/** changes of one step */
export const MAX_CHANGES = 1000
/** calls in flight per event */
export const MAX_CALLS = 64
/** STARTs without STARTED per connection */
export const MAX_STARTS = 16
/** instances per connection */
export const MAX_INSTANCES = 1000
/** log events in flight per connection */
export const MAX_LOG_EVENTS = 64
/** milliseconds; the smallest budget is 1 */
export const MAX_BUDGET_MS = 2147483647
/** milliseconds of a step */
export const DEFAULT_BUDGET_MS = 5000
/** milliseconds of a step of the log phase */
export const DEFAULT_LOG_BUDGET_MS = 10000
/** bytes of a stream that may be under way ungranted */
export const WINDOW = 262144
/** bytes of data in one CHUNK */
export const MAX_CHUNK = 65536
/** bytes; a longer value travels as a blob */
export const BLOB_THRESHOLD = 65536
/** bytes of facts per event */
export const FACTS_BUDGET = 16384
/** bytes; a longer block of headers is sent as single keys */
export const MAX_HEADERS_BLOCK = 8192
/** bytes; a larger kong.ctx.shared is sent as single keys */
export const MAX_WHOLE_SHARED = 1024
/** bytes; a longer declared body is left out and called for */
export const MAX_BODY_FACT = 65536
/** keys learned per plugin and phase */
export const MAX_LEARNED_KEYS = 32
/** bytes of a learned key's arguments */
export const MAX_LEARNED_ARGUMENTS = 64
/** events: about one in so many asks for the keys read */
export const REPORT_READS_EVERY = 256
/** milliseconds that a `next` may be held to be written with what follows */
export const DONE_HOLD_MS = 5
/** milliseconds that log events are gathered */
export const LOG_GATHER_MS = 20
/** log events waiting per server; the oldest goes */
export const LOG_RING_EVENTS = 10000
/** bytes of facts of waiting log events per server */
export const LOG_RING_BYTES = 16777216
/** LOG lines an SDK keeps; the oldest goes */
export const LOG_QUEUE_LINES = 1000
/** LOG lines a host takes per second and server */
export const LOG_LINES_PER_SECOND = 1000
/** milliseconds of silence before a PING */
export const PING_MS = 5000
/** silent intervals after which a peer is lost */
export const PINGS_MISSED = 3
/** seconds for events to end after DRAIN */
export const DRAIN_GRACE = 30
/** seconds without progress of a write before DRAIN `stalled` */
export const STALL_TIMEOUT = 10
/** seconds past CANCEL after which a member is to be replaced */
export const STUCK_AFTER = 30
/** bytes unsent above which a member gets no events */
export const MAX_UNSENT = 4194304
/** seconds an event waits for a credit; at most half its budget */
export const MAX_QUEUE_TIME = 1
/** frames of one connection handled per turn of the loop */
export const MAX_TURN_FRAMES = 64
/** bytes of one connection handled per turn of the loop */
export const MAX_TURN_BYTES = 262144
/** bytes of one gRPC Batch */
export const MAX_BATCH = 1048576
/** bytes of queued messages gathered into one Batch */
export const BATCH_FILL = 65536
/** first number of functions that a host defines */
export const HOST_FUNCTIONS = 10000
/** lines that get_headers and arguments that get_query return when not told */
export const DEFAULT_MAX_HEADERS = 100

const IN_1 = Object.freeze([1])
const IN_1_2_3_4_5_6_7_8_9_10_11_12 = Object.freeze([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
const IN_2_3 = Object.freeze([2, 3])
const IN_2_3_4 = Object.freeze([2, 3, 4])
const IN_2_3_4_5 = Object.freeze([2, 3, 4, 5])
const IN_2_3_4_5_6_7_8_9_10_11_12 = Object.freeze([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
const IN_2_3_4_5_7_8_9_10_11_12 = Object.freeze([2, 3, 4, 5, 7, 8, 9, 10, 11, 12])
const IN_2_3_4_5_7_9 = Object.freeze([2, 3, 4, 5, 7, 9])
const IN_2_3_4_6_7 = Object.freeze([2, 3, 4, 6, 7])
const IN_2_3_4_7 = Object.freeze([2, 3, 4, 7])
const IN_2_3_6 = Object.freeze([2, 3, 6])
const IN_3 = Object.freeze([3])
const IN_3_4_5_7_8_9_10_11_12 = Object.freeze([3, 4, 5, 7, 8, 9, 10, 11, 12])
const IN_4 = Object.freeze([4])
const IN_4_5_7_9 = Object.freeze([4, 5, 7, 9])
const IN_5 = Object.freeze([5])
const IN_6 = Object.freeze([6])
const IN_10 = Object.freeze([10])
const IN_11 = Object.freeze([11])
const IN_12 = Object.freeze([12])

/** @type {readonly PdkFunction[]} */
export const FUNCTIONS = Object.freeze([
  {
    number: 1,
    name: 'kong.exchange.get_id',
    kind: 'fact',
    phases: IN_2_3_4_5_6_7_8_9_10_11_12,
    result: 'string',
  },
  {
    number: 2,
    name: 'kong.exchange.get_trace_context',
    kind: 'fact',
    phases: IN_2_3_4_5_6_7_8_9_10_11_12,
    result: 'string?',
  },
  {
    number: 3,
    name: 'kong.exchange.get_route_id',
    kind: 'fact',
    phases: IN_3_4_5_7_8_9_10_11_12,
    result: 'string?',
  },
  {
    number: 4,
    name: 'kong.exchange.get_service_id',
    kind: 'fact',
    phases: IN_3_4_5_7_8_9_10_11_12,
    result: 'string?',
  },
  {
    number: 5,
    name: 'kong.exchange.get_consumer_id',
    kind: 'fact',
    phases: IN_3_4_5_7_8_9_10_11_12,
    result: 'string?',
  },
  {
    number: 6,
    name: 'kong.exchange.get_credential_id',
    kind: 'fact',
    phases: IN_3_4_5_7_8_9_10_11_12,
    result: 'string?',
  },
  {
    number: 7,
    name: 'kong.exchange.get_server_name',
    kind: 'fact',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'string?',
    unavailable: 'TLS listeners are not supported yet',
  },
  {
    number: 8,
    name: 'kong.exchange.get_latencies',
    kind: 'fact',
    phases: IN_5,
    result: 'map',
  },
  {
    number: 9,
    name: 'kong.exchange.get_sizes',
    kind: 'fact',
    phases: IN_5,
    result: 'map',
  },
  {
    number: 10,
    name: 'kong.exchange.get_shared',
    kind: 'fact',
    phases: IN_2_3_4_5_6_7_8_9_10_11_12,
    result: 'map',
    external: false,
  },
  {
    number: 11,
    name: 'kong.exchange.get_plugin_ctx',
    kind: 'fact',
    phases: IN_2_3_4_5_6_7_8_9_10_11_12,
    result: 'map',
    args: [
      { name: 'instance', type: 'integer', minimum: 1 },
    ],
    external: false,
  },
  {
    number: 18,
    name: 'kong.request.get_start_time',
    kind: 'fact',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'integer',
  },
  {
    number: 19,
    name: 'kong.request.get_uri_captures',
    kind: 'fact',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'map',
  },
  {
    number: 20,
    name: 'kong.client.get_ip',
    kind: 'fact',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'string',
  },
  {
    number: 21,
    name: 'kong.client.get_forwarded_ip',
    kind: 'fact',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'string',
  },
  {
    number: 22,
    name: 'kong.client.get_port',
    kind: 'fact',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'integer',
  },
  {
    number: 23,
    name: 'kong.client.get_forwarded_port',
    kind: 'fact',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'integer?',
  },
  {
    number: 24,
    name: 'kong.client.load_consumer',
    kind: 'call',
    phases: IN_3_4_5_7_8_9_10_11_12,
    result: 'map?',
    args: [
      { name: 'consumer_id', type: 'string' },
      { name: 'search_by_username', type: 'boolean', optional: true, default: false },
    ],
  },
  {
    number: 25,
    name: 'kong.client.get_consumer',
    kind: 'fact',
    phases: IN_3_4_5_7_8_9_10_11_12,
    result: 'map?',
  },
  {
    number: 26,
    name: 'kong.client.get_credential',
    kind: 'fact',
    phases: IN_3_4_5_7_8_9_10_11_12,
    result: 'map?',
  },
  {
    number: 27,
    name: 'kong.client.authenticate',
    kind: 'change',
    phases: IN_3,
    result: 'nothing',
    args: [
      { name: 'consumer', type: 'map', optional: true },
      { name: 'credential', type: 'map', optional: true },
    ],
    stales: [
      { function: 25 },
      { function: 26 },
      { function: 5 },
      { function: 6 },
      { function: 30 },
      { function: 31 },
      { function: 134 },
    ],
    replans: true,
  },
  {
    number: 28,
    name: 'kong.client.get_protocol',
    kind: 'fact',
    phases: IN_3_4_5_7_8_9_10_11_12,
    result: 'string',
    args: [
      { name: 'allow_terminated', type: 'boolean', optional: true, default: false },
    ],
    headers: ['x-forwarded-proto'],
  },
  {
    number: 29,
    name: 'kong.client.authenticate_consumer_group_by_consumer_id',
    kind: 'change',
    phases: IN_3,
    result: 'nothing',
    args: [
      { name: 'consumer_id', type: 'string' },
    ],
    stales: [
      { function: 30 },
      { function: 31 },
    ],
    replans: true,
  },
  {
    number: 30,
    name: 'kong.client.get_consumer_group',
    kind: 'fact',
    phases: IN_3_4_5_7_8_9_10_11_12,
    result: 'map?',
  },
  {
    number: 31,
    name: 'kong.client.get_consumer_groups',
    kind: 'fact',
    phases: IN_3_4_5_7_8_9_10_11_12,
    result: 'array?',
  },
  {
    number: 32,
    name: 'kong.client.set_authenticated_consumer_group',
    kind: 'change',
    phases: IN_3,
    result: 'nothing',
    args: [
      { name: 'group', type: 'map', optional: true },
    ],
    stales: [
      { function: 30 },
      { function: 31 },
    ],
    replans: true,
  },
  {
    number: 33,
    name: 'kong.client.set_authenticated_consumer_groups',
    kind: 'change',
    phases: IN_3,
    result: 'nothing',
    args: [
      { name: 'groups', type: 'array', optional: true },
    ],
    stales: [
      { function: 30 },
      { function: 31 },
    ],
    replans: true,
  },
  {
    number: 40,
    name: 'kong.request.get_method',
    kind: 'fact',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'string',
  },
  {
    number: 41,
    name: 'kong.request.get_scheme',
    kind: 'fact',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'string',
  },
  {
    number: 42,
    name: 'kong.request.get_host',
    kind: 'fact',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'text',
    headers: ['host'],
  },
  {
    number: 43,
    name: 'kong.request.get_port',
    kind: 'fact',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'integer',
  },
  {
    number: 44,
    name: 'kong.request.get_path',
    kind: 'fact',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'text',
  },
  {
    number: 45,
    name: 'kong.request.get_raw_path',
    kind: 'fact',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'text',
  },
  {
    number: 46,
    name: 'kong.request.get_path_with_query',
    kind: 'fact',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'text',
  },
  {
    number: 47,
    name: 'kong.request.get_raw_query',
    kind: 'fact',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'text',
  },
  {
    number: 48,
    name: 'kong.request.get_query_arg',
    kind: 'fact',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'query_value?',
    args: [
      { name: 'name', type: 'text' },
    ],
    lookup: [49, 'query_arg'],
  },
  {
    number: 49,
    name: 'kong.request.get_query',
    kind: 'fact',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'query',
    args: [
      { name: 'max_args', type: 'integer', optional: true, minimum: 1, maximum: 1000 },
    ],
  },
  {
    number: 50,
    name: 'kong.request.get_header',
    kind: 'fact',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'text?',
    args: [
      { name: 'name', type: 'text' },
    ],
    lookup: [51, 'header'],
  },
  {
    number: 51,
    name: 'kong.request.get_headers',
    kind: 'fact',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'headers',
    args: [
      { name: 'max_headers', type: 'integer', optional: true, minimum: 1, maximum: 1000 },
    ],
    lookup: [51, 'headers'],
  },
  {
    number: 52,
    name: 'kong.request.get_http_version',
    kind: 'fact',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'number?',
  },
  {
    number: 53,
    name: 'kong.request.get_forwarded_scheme',
    kind: 'fact',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'text',
    headers: ['x-forwarded-proto'],
  },
  {
    number: 54,
    name: 'kong.request.get_forwarded_host',
    kind: 'fact',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'text',
    headers: ['x-forwarded-host', 'host'],
  },
  {
    number: 55,
    name: 'kong.request.get_forwarded_port',
    kind: 'fact',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'integer',
    headers: ['x-forwarded-port', 'x-forwarded-host'],
  },
  {
    number: 56,
    name: 'kong.request.get_forwarded_path',
    kind: 'fact',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'text',
    headers: ['x-forwarded-path'],
  },
  {
    number: 57,
    name: 'kong.request.get_forwarded_prefix',
    kind: 'fact',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'text?',
    headers: ['x-forwarded-prefix'],
  },
  {
    number: 58,
    name: 'kong.request.get_raw_body',
    kind: 'fact',
    phases: IN_2_3_4,
    result: 'body',
    args: [
      { name: 'max_allowed_file_size', type: 'integer', optional: true },
    ],
  },
  {
    number: 59,
    name: 'kong.request.get_body',
    kind: 'fact',
    phases: IN_2_3_4,
    result: 'any',
    args: [
      { name: 'mimetype', type: 'string', optional: true },
      { name: 'max_args', type: 'integer', optional: true, minimum: 1, maximum: 1000 },
      { name: 'max_allowed_file_size', type: 'integer', optional: true },
    ],
    headers: ['content-type'],
  },
  {
    number: 60,
    name: 'kong.response.set_header',
    kind: 'change',
    phases: IN_2_3_4_7,
    result: 'nothing',
    args: [
      { name: 'name', type: 'text' },
      { name: 'value', type: 'header_value' },
    ],
    stales: [
      { function: 66, argument: 0 },
      { function: 67 },
      { function: 134 },
    ],
  },
  {
    number: 61,
    name: 'kong.response.add_header',
    kind: 'change',
    phases: IN_2_3_4_7,
    result: 'nothing',
    args: [
      { name: 'name', type: 'text' },
      { name: 'value', type: 'header_value' },
    ],
    stales: [
      { function: 66, argument: 0 },
      { function: 67 },
      { function: 134 },
    ],
  },
  {
    number: 62,
    name: 'kong.response.clear_header',
    kind: 'change',
    phases: IN_2_3_4_7,
    result: 'nothing',
    args: [
      { name: 'name', type: 'text' },
    ],
    stales: [
      { function: 66, argument: 0 },
      { function: 67 },
      { function: 134 },
    ],
  },
  {
    number: 63,
    name: 'kong.response.set_headers',
    kind: 'change',
    phases: IN_2_3_4_7,
    result: 'nothing',
    args: [
      { name: 'headers', type: 'headers' },
    ],
    stales: [
      { function: 66, argument: 0, each: true },
      { function: 67 },
      { function: 134 },
    ],
  },
  {
    number: 64,
    name: 'kong.response.set_status',
    kind: 'change',
    phases: IN_2_3_4_7,
    result: 'nothing',
    args: [
      { name: 'status', type: 'integer', minimum: 100, maximum: 599 },
    ],
    stales: [
      { function: 65 },
      { function: 134 },
    ],
  },
  {
    number: 65,
    name: 'kong.response.get_status',
    kind: 'fact',
    phases: IN_4_5_7_9,
    result: 'integer',
  },
  {
    number: 66,
    name: 'kong.response.get_header',
    kind: 'fact',
    phases: IN_4_5_7_9,
    result: 'text?',
    args: [
      { name: 'name', type: 'text' },
    ],
    lookup: [67, 'header'],
  },
  {
    number: 67,
    name: 'kong.response.get_headers',
    kind: 'fact',
    phases: IN_4_5_7_9,
    result: 'headers',
    args: [
      { name: 'max_headers', type: 'integer', optional: true, minimum: 1, maximum: 1000 },
    ],
    lookup: [67, 'headers'],
  },
  {
    number: 68,
    name: 'kong.response.get_source',
    kind: 'fact',
    phases: IN_4_5_7_9,
    result: 'string',
  },
  {
    number: 69,
    name: 'kong.response.exit',
    kind: 'outcome',
    phases: IN_2_3_4_6_7,
    result: 'never',
    args: [
      { name: 'status', type: 'integer', minimum: 100, maximum: 599 },
      { name: 'body', type: 'content', optional: true },
      { name: 'headers', type: 'headers', optional: true },
    ],
    outcome: 'exit',
  },
  {
    number: 70,
    name: 'kong.response.error',
    kind: 'outcome',
    phases: IN_2_3_4_7,
    result: 'never',
    args: [
      { name: 'status', type: 'integer', minimum: 400, maximum: 599 },
      { name: 'message', type: 'content', optional: true },
      { name: 'headers', type: 'headers', optional: true },
    ],
    outcome: 'error_page',
  },
  {
    number: 71,
    name: 'kong.response.get_raw_body',
    kind: 'fact',
    phases: IN_4,
    result: 'body',
  },
  {
    number: 72,
    name: 'kong.response.set_raw_body',
    kind: 'change',
    phases: IN_4,
    result: 'nothing',
    args: [
      { name: 'body', type: 'body' },
    ],
    stales: [
      { function: 71 },
      { function: 66, literal: 'content-length' },
      { function: 66, literal: 'content-encoding' },
      { function: 66, literal: 'transfer-encoding' },
      { function: 66, literal: 'etag' },
      { function: 66, literal: 'digest' },
      { function: 66, literal: 'content-digest' },
      { function: 66, literal: 'repr-digest' },
      { function: 66, literal: 'content-md5' },
      { function: 67 },
      { function: 134 },
    ],
  },
  {
    number: 80,
    name: 'kong.service.set_upstream',
    kind: 'call',
    phases: IN_3,
    result: 'boolean',
    args: [
      { name: 'host', type: 'string' },
    ],
    stales: [
      { function: 134 },
    ],
  },
  {
    number: 81,
    name: 'kong.service.set_target',
    kind: 'change',
    phases: IN_2_3_6,
    result: 'nothing',
    args: [
      { name: 'host', type: 'string' },
      { name: 'port', type: 'integer', minimum: 0, maximum: 65535 },
    ],
    stales: [
      { function: 134 },
    ],
  },
  {
    number: 82,
    name: 'kong.service.set_retries',
    kind: 'change',
    phases: IN_3,
    result: 'nothing',
    args: [
      { name: 'retries', type: 'integer', minimum: 0, maximum: 32767 },
    ],
  },
  {
    number: 83,
    name: 'kong.service.set_timeouts',
    kind: 'change',
    phases: IN_3,
    result: 'nothing',
    args: [
      { name: 'connect_timeout', type: 'integer', minimum: 1, maximum: 2147483646 },
      { name: 'write_timeout', type: 'integer', minimum: 1, maximum: 2147483646 },
      { name: 'read_timeout', type: 'integer', minimum: 1, maximum: 2147483646 },
    ],
  },
  {
    number: 84,
    name: 'kong.service.set_tls_verify',
    kind: 'call',
    phases: IN_2_3_6,
    result: 'boolean',
    args: [
      { name: 'on', type: 'boolean' },
    ],
  },
  {
    number: 85,
    name: 'kong.service.set_tls_verify_depth',
    kind: 'call',
    phases: IN_2_3_6,
    result: 'boolean',
    args: [
      { name: 'depth', type: 'integer', minimum: 0, maximum: 64 },
    ],
  },
  {
    number: 90,
    name: 'kong.service.request.set_header',
    kind: 'change',
    phases: IN_2_3,
    result: 'nothing',
    args: [
      { name: 'name', type: 'text' },
      { name: 'value', type: 'header_value' },
    ],
    stales: [
      { function: 50, argument: 0 },
      { function: 28, argument: 0, only: ['x-forwarded-proto'] },
      { function: 42, argument: 0, only: ['host'] },
      { function: 53, argument: 0, only: ['x-forwarded-proto'] },
      { function: 54, argument: 0, only: ['x-forwarded-host', 'host'] },
      { function: 55, argument: 0, only: ['x-forwarded-port', 'x-forwarded-host'] },
      { function: 56, argument: 0, only: ['x-forwarded-path'] },
      { function: 57, argument: 0, only: ['x-forwarded-prefix'] },
      { function: 59, argument: 0, only: ['content-type'] },
      { function: 51 },
      { function: 134 },
    ],
  },
  {
    number: 91,
    name: 'kong.service.request.add_header',
    kind: 'change',
    phases: IN_2_3,
    result: 'nothing',
    args: [
      { name: 'name', type: 'text' },
      { name: 'value', type: 'header_value' },
    ],
    stales: [
      { function: 50, argument: 0 },
      { function: 28, argument: 0, only: ['x-forwarded-proto'] },
      { function: 42, argument: 0, only: ['host'] },
      { function: 53, argument: 0, only: ['x-forwarded-proto'] },
      { function: 54, argument: 0, only: ['x-forwarded-host', 'host'] },
      { function: 55, argument: 0, only: ['x-forwarded-port', 'x-forwarded-host'] },
      { function: 56, argument: 0, only: ['x-forwarded-path'] },
      { function: 57, argument: 0, only: ['x-forwarded-prefix'] },
      { function: 59, argument: 0, only: ['content-type'] },
      { function: 51 },
      { function: 134 },
    ],
  },
  {
    number: 92,
    name: 'kong.service.request.clear_header',
    kind: 'change',
    phases: IN_2_3,
    result: 'nothing',
    args: [
      { name: 'name', type: 'text' },
    ],
    stales: [
      { function: 50, argument: 0 },
      { function: 28, argument: 0, only: ['x-forwarded-proto'] },
      { function: 42, argument: 0, only: ['host'] },
      { function: 53, argument: 0, only: ['x-forwarded-proto'] },
      { function: 54, argument: 0, only: ['x-forwarded-host', 'host'] },
      { function: 55, argument: 0, only: ['x-forwarded-port', 'x-forwarded-host'] },
      { function: 56, argument: 0, only: ['x-forwarded-path'] },
      { function: 57, argument: 0, only: ['x-forwarded-prefix'] },
      { function: 59, argument: 0, only: ['content-type'] },
      { function: 51 },
      { function: 134 },
    ],
  },
  {
    number: 93,
    name: 'kong.service.request.set_headers',
    kind: 'change',
    phases: IN_2_3,
    result: 'nothing',
    args: [
      { name: 'headers', type: 'headers' },
    ],
    stales: [
      { function: 50, argument: 0, each: true },
      { function: 28, argument: 0, each: true, only: ['x-forwarded-proto'] },
      { function: 42, argument: 0, each: true, only: ['host'] },
      { function: 53, argument: 0, each: true, only: ['x-forwarded-proto'] },
      { function: 54, argument: 0, each: true, only: ['x-forwarded-host', 'host'] },
      { function: 55, argument: 0, each: true, only: ['x-forwarded-port', 'x-forwarded-host'] },
      { function: 56, argument: 0, each: true, only: ['x-forwarded-path'] },
      { function: 57, argument: 0, each: true, only: ['x-forwarded-prefix'] },
      { function: 59, argument: 0, each: true, only: ['content-type'] },
      { function: 51 },
      { function: 134 },
    ],
  },
  {
    number: 94,
    name: 'kong.service.request.set_method',
    kind: 'change',
    phases: IN_2_3,
    result: 'nothing',
    args: [
      { name: 'method', type: 'string', oneOf: ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'MKCOL', 'COPY', 'MOVE', 'PROPFIND', 'PROPPATCH', 'LOCK', 'UNLOCK', 'PATCH', 'TRACE'] },
    ],
    stales: [
      { function: 40 },
      { function: 134 },
    ],
  },
  {
    number: 95,
    name: 'kong.service.request.set_path',
    kind: 'change',
    phases: IN_2_3,
    result: 'nothing',
    args: [
      { name: 'path', type: 'text', prefix: '/' },
    ],
    stales: [
      { function: 134 },
    ],
  },
  {
    number: 96,
    name: 'kong.service.request.set_scheme',
    kind: 'change',
    phases: IN_2_3,
    result: 'nothing',
    args: [
      { name: 'scheme', type: 'string', oneOf: ['http', 'https'] },
    ],
    stales: [
      { function: 134 },
    ],
  },
  {
    number: 97,
    name: 'kong.service.request.set_raw_query',
    kind: 'change',
    phases: IN_2_3,
    result: 'nothing',
    args: [
      { name: 'query', type: 'text' },
    ],
    stales: [
      { function: 47 },
      { function: 49 },
      { function: 48 },
      { function: 134 },
    ],
  },
  {
    number: 98,
    name: 'kong.service.request.set_query',
    kind: 'change',
    phases: IN_2_3,
    result: 'nothing',
    args: [
      { name: 'args', type: 'map' },
    ],
    stales: [
      { function: 47 },
      { function: 49 },
      { function: 48 },
      { function: 134 },
    ],
  },
  {
    number: 99,
    name: 'kong.service.request.clear_query_arg',
    kind: 'change',
    phases: IN_2_3,
    result: 'nothing',
    args: [
      { name: 'name', type: 'text' },
    ],
    stales: [
      { function: 47 },
      { function: 49 },
      { function: 48 },
      { function: 134 },
    ],
  },
  {
    number: 100,
    name: 'kong.service.request.set_raw_body',
    kind: 'change',
    phases: IN_2_3,
    result: 'nothing',
    args: [
      { name: 'body', type: 'body' },
    ],
    stales: [
      { function: 58 },
      { function: 59 },
      { function: 50, literal: 'content-length' },
      { function: 50, literal: 'transfer-encoding' },
      { function: 51 },
      { function: 134 },
    ],
  },
  {
    number: 101,
    name: 'kong.service.request.set_body',
    kind: 'call',
    phases: IN_2_3,
    result: 'boolean',
    args: [
      { name: 'args', type: 'map' },
      { name: 'mimetype', type: 'string', optional: true },
    ],
    stales: [
      { function: 58 },
      { function: 59 },
      { function: 50, literal: 'content-type' },
      { function: 59, literal: 'content-type', only: ['content-type'] },
      { function: 50, literal: 'content-length' },
      { function: 50, literal: 'transfer-encoding' },
      { function: 51 },
      { function: 134 },
    ],
  },
  {
    number: 102,
    name: 'kong.service.request.enable_buffering',
    kind: 'change',
    phases: IN_2_3,
    result: 'nothing',
  },
  {
    number: 103,
    name: 'kong.service.request.disable_tls',
    kind: 'call',
    phases: IN_6,
    result: 'boolean',
    unavailable: 'TCP and TLS streams are not supported yet',
  },
  {
    number: 104,
    name: 'kong.service.request.enable_tls',
    kind: 'call',
    phases: IN_6,
    result: 'boolean',
    unavailable: 'TCP and TLS streams are not supported yet',
  },
  {
    number: 110,
    name: 'kong.service.response.get_status',
    kind: 'fact',
    phases: IN_4_5_7_9,
    result: 'integer?',
  },
  {
    number: 111,
    name: 'kong.service.response.get_header',
    kind: 'fact',
    phases: IN_4_5_7_9,
    result: 'text?',
    args: [
      { name: 'name', type: 'text' },
    ],
    lookup: [112, 'header'],
  },
  {
    number: 112,
    name: 'kong.service.response.get_headers',
    kind: 'fact',
    phases: IN_4_5_7_9,
    result: 'headers',
    args: [
      { name: 'max_headers', type: 'integer', optional: true, minimum: 1, maximum: 1000 },
    ],
    lookup: [112, 'headers'],
  },
  {
    number: 113,
    name: 'kong.service.response.get_raw_body',
    kind: 'fact',
    phases: IN_4_5_7_9,
    result: 'body',
  },
  {
    number: 114,
    name: 'kong.service.response.get_body',
    kind: 'fact',
    phases: IN_4_5_7_9,
    result: 'any',
    args: [
      { name: 'mimetype', type: 'string', optional: true },
      { name: 'max_args', type: 'integer', optional: true, minimum: 1, maximum: 1000 },
    ],
  },
  {
    number: 120,
    name: 'kong.router.get_route',
    kind: 'fact',
    phases: IN_3_4_5_7_8_9_10_11_12,
    result: 'map?',
  },
  {
    number: 121,
    name: 'kong.router.get_service',
    kind: 'fact',
    phases: IN_3_4_5_7_8_9_10_11_12,
    result: 'map?',
  },
  {
    number: 125,
    name: 'kong.ctx.shared.get',
    kind: 'fact',
    phases: IN_2_3_4_5_6_7_8_9_10_11_12,
    result: 'any',
    args: [
      { name: 'key', type: 'string' },
    ],
    lookup: [10, 'shared_key'],
  },
  {
    number: 126,
    name: 'kong.ctx.shared.set',
    kind: 'change',
    phases: IN_2_3_4_5_6_7_8_9_10_11_12,
    result: 'nothing',
    args: [
      { name: 'key', type: 'string' },
      { name: 'value', type: 'any', optional: true },
    ],
    write: [125, 0, 1],
  },
  {
    number: 127,
    name: 'kong.ctx.plugin.get',
    kind: 'fact',
    phases: IN_2_3_4_5_6_7_8_9_10_11_12,
    result: 'any',
    args: [
      { name: 'key', type: 'string' },
    ],
    lookup: [11, 'plugin_key'],
  },
  {
    number: 128,
    name: 'kong.ctx.plugin.set',
    kind: 'change',
    phases: IN_2_3_4_5_6_7_8_9_10_11_12,
    result: 'nothing',
    args: [
      { name: 'key', type: 'string' },
      { name: 'value', type: 'any', optional: true },
    ],
    write: [127, 0, 1],
  },
  {
    number: 130,
    name: 'kong.ip.is_trusted',
    kind: 'fact',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'boolean',
    args: [
      { name: 'address', type: 'string' },
    ],
  },
  {
    number: 131,
    name: 'kong.node.get_id',
    kind: 'fact',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'string',
  },
  {
    number: 132,
    name: 'kong.node.get_hostname',
    kind: 'fact',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'string',
  },
  {
    number: 133,
    name: 'kong.node.get_memory_stats',
    kind: 'call',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'map',
    args: [
      { name: 'unit', type: 'string', optional: true, default: 'b', oneOf: ['b', 'k', 'm', 'g', 'B', 'K', 'M', 'G'] },
      { name: 'scale', type: 'integer', optional: true, default: 2, minimum: 0 },
    ],
  },
  {
    number: 134,
    name: 'kong.nginx.get_var',
    kind: 'fact',
    phases: IN_2_3_4_5_6_7_8_9_10_11_12,
    result: 'text?',
    args: [
      { name: 'name', type: 'string' },
    ],
  },
  {
    number: 135,
    name: 'kong.nginx.get_tls1_version_str',
    kind: 'fact',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'string?',
  },
  {
    number: 136,
    name: 'kong.nginx.get_ctx',
    kind: 'fact',
    phases: IN_2_3_4_5_6_7_8_9_10_11_12,
    result: 'any',
    args: [
      { name: 'key', type: 'string' },
    ],
  },
  {
    number: 137,
    name: 'kong.nginx.set_ctx',
    kind: 'change',
    phases: IN_2_3_4_5_6_7_8_9_10_11_12,
    result: 'nothing',
    args: [
      { name: 'key', type: 'string' },
      { name: 'value', type: 'any', optional: true },
    ],
    write: [136, 0, 1],
  },
  {
    number: 138,
    name: 'kong.nginx.req_start_time',
    kind: 'fact',
    phases: IN_2_3_4_5_6_7_8_9_10_11_12,
    result: 'number',
  },
  {
    number: 139,
    name: 'kong.nginx.get_subsystem',
    kind: 'fact',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'string',
  },
  {
    number: 140,
    name: 'kong.nginx.get_statistics',
    kind: 'call',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'map',
  },
  {
    number: 141,
    name: 'kong.cluster.get_id',
    kind: 'fact',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'string?',
  },
  {
    number: 142,
    name: 'kong.plugin.get_id',
    kind: 'call',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'string',
  },
  {
    number: 150,
    name: 'kong.vault.get',
    kind: 'call',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'text',
    args: [
      { name: 'reference', type: 'string' },
    ],
  },
  {
    number: 151,
    name: 'kong.vault.is_reference',
    kind: 'call',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'boolean',
    args: [
      { name: 'reference', type: 'string' },
    ],
  },
  {
    number: 152,
    name: 'kong.vault.parse_reference',
    kind: 'call',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'map',
    args: [
      { name: 'reference', type: 'string' },
    ],
  },
  {
    number: 153,
    name: 'kong.vault.update',
    kind: 'call',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'map',
    args: [
      { name: 'options', type: 'map' },
    ],
  },
  {
    number: 154,
    name: 'kong.vault.flush',
    kind: 'call',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'nothing',
  },
  {
    number: 160,
    name: 'kong.log',
    kind: 'log',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'nothing',
    args: [
      { name: 'values', type: 'any', variadic: true },
    ],
    logLevel: 'notice',
  },
  {
    number: 161,
    name: 'kong.log.debug',
    kind: 'log',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'nothing',
    args: [
      { name: 'values', type: 'any', variadic: true },
    ],
    logLevel: 'debug',
  },
  {
    number: 162,
    name: 'kong.log.info',
    kind: 'log',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'nothing',
    args: [
      { name: 'values', type: 'any', variadic: true },
    ],
    logLevel: 'info',
  },
  {
    number: 163,
    name: 'kong.log.notice',
    kind: 'log',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'nothing',
    args: [
      { name: 'values', type: 'any', variadic: true },
    ],
    logLevel: 'notice',
  },
  {
    number: 164,
    name: 'kong.log.warn',
    kind: 'log',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'nothing',
    args: [
      { name: 'values', type: 'any', variadic: true },
    ],
    logLevel: 'warn',
  },
  {
    number: 165,
    name: 'kong.log.err',
    kind: 'log',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'nothing',
    args: [
      { name: 'values', type: 'any', variadic: true },
    ],
    logLevel: 'err',
  },
  {
    number: 166,
    name: 'kong.log.crit',
    kind: 'log',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'nothing',
    args: [
      { name: 'values', type: 'any', variadic: true },
    ],
    logLevel: 'crit',
  },
  {
    number: 167,
    name: 'kong.log.alert',
    kind: 'log',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'nothing',
    args: [
      { name: 'values', type: 'any', variadic: true },
    ],
    logLevel: 'alert',
  },
  {
    number: 168,
    name: 'kong.log.deprecation',
    kind: 'log',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'nothing',
    args: [
      { name: 'values', type: 'any', variadic: true },
    ],
    logLevel: 'warn',
  },
  {
    number: 169,
    name: 'kong.log.inspect',
    kind: 'log',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'nothing',
    args: [
      { name: 'values', type: 'any', variadic: true },
    ],
    logLevel: 'notice',
  },
  {
    number: 170,
    name: 'kong.log.serialize',
    kind: 'fact',
    phases: IN_5,
    result: 'string',
  },
  {
    number: 171,
    name: 'kong.log.set_serialize_value',
    kind: 'change',
    phases: IN_2_3_4_5_7_9,
    result: 'nothing',
    args: [
      { name: 'key', type: 'string' },
      { name: 'value', type: 'any', optional: true },
      { name: 'mode', type: 'string', optional: true, default: 'set', oneOf: ['set', 'add', 'replace'] },
    ],
    stales: [
      { function: 170 },
    ],
  },
  {
    number: 180,
    name: 'kong.client.tls.request_client_certificate',
    kind: 'call',
    phases: IN_1,
    result: 'boolean',
    unavailable: 'TLS listeners are not supported yet',
  },
  {
    number: 181,
    name: 'kong.client.tls.disable_session_reuse',
    kind: 'call',
    phases: IN_1,
    result: 'boolean',
    unavailable: 'TLS listeners are not supported yet',
  },
  {
    number: 182,
    name: 'kong.client.tls.get_full_client_certificate_chain',
    kind: 'fact',
    phases: IN_2_3_4_5,
    result: 'string?',
    unavailable: 'TLS listeners are not supported yet',
  },
  {
    number: 183,
    name: 'kong.client.tls.set_client_verify',
    kind: 'change',
    phases: IN_2_3_4,
    result: 'nothing',
    args: [
      { name: 'value', type: 'string' },
    ],
    unavailable: 'TLS listeners are not supported yet',
  },
  {
    number: 190,
    name: 'kong.telemetry.log',
    kind: 'call',
    phases: IN_2_3_4_5_6_7_8_9_10_11_12,
    result: 'boolean',
    args: [
      { name: 'plugin_name', type: 'string' },
      { name: 'plugin_config', type: 'map' },
      { name: 'message_type', type: 'string' },
      { name: 'message', type: 'any' },
      { name: 'attributes', type: 'map', optional: true },
    ],
  },
  {
    number: 200,
    name: 'kong.tracing.active_span',
    kind: 'call',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'map?',
    unavailable: 'tracing is not supported yet',
  },
  {
    number: 201,
    name: 'kong.tracing.set_active_span',
    kind: 'call',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'nothing',
    args: [
      { name: 'span', type: 'map' },
    ],
    unavailable: 'tracing is not supported yet',
  },
  {
    number: 202,
    name: 'kong.tracing.start_span',
    kind: 'call',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'map',
    args: [
      { name: 'name', type: 'string' },
      { name: 'options', type: 'map', optional: true },
    ],
    unavailable: 'tracing is not supported yet',
  },
  {
    number: 203,
    name: 'kong.tracing.create_span',
    kind: 'call',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'map',
    args: [
      { name: 'name', type: 'string' },
      { name: 'options', type: 'map', optional: true },
    ],
    unavailable: 'tracing is not supported yet',
  },
  {
    number: 204,
    name: 'kong.tracing.set_should_sample',
    kind: 'call',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'nothing',
    args: [
      { name: 'should_sample', type: 'boolean' },
    ],
    unavailable: 'tracing is not supported yet',
  },
  {
    number: 205,
    name: 'kong.tracing.get_sampling_decision',
    kind: 'call',
    phases: IN_2_3_4_5_7_8_9_10_11_12,
    result: 'boolean',
    args: [
      { name: 'parent_should_sample', type: 'boolean', optional: true },
      { name: 'sampling_rate', type: 'number', optional: true, minimum: 0, maximum: 1 },
    ],
    unavailable: 'tracing is not supported yet',
  },
  {
    number: 210,
    name: 'kong.enterprise_edition.jwe.decode',
    kind: 'call',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'map',
    args: [
      { name: 'token', type: 'string' },
    ],
    unavailable: 'JSON Web Encryption is not supported yet',
  },
  {
    number: 211,
    name: 'kong.enterprise_edition.jwe.decrypt',
    kind: 'call',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'text',
    args: [
      { name: 'key', type: 'any' },
      { name: 'token', type: 'string' },
    ],
    unavailable: 'JSON Web Encryption is not supported yet',
  },
  {
    number: 212,
    name: 'kong.enterprise_edition.jwe.encrypt',
    kind: 'call',
    phases: IN_1_2_3_4_5_6_7_8_9_10_11_12,
    result: 'string',
    args: [
      { name: 'alg', type: 'string' },
      { name: 'enc', type: 'string' },
      { name: 'key', type: 'any' },
      { name: 'plaintext', type: 'text' },
      { name: 'options', type: 'map', optional: true },
    ],
    unavailable: 'JSON Web Encryption is not supported yet',
  },
  {
    number: 220,
    name: 'kong.websocket.client.get_frame',
    kind: 'fact',
    phases: IN_11,
    result: 'array',
    unavailable: 'WebSocket is not supported yet',
  },
  {
    number: 221,
    name: 'kong.websocket.client.set_frame_data',
    kind: 'change',
    phases: IN_11,
    result: 'nothing',
    args: [
      { name: 'data', type: 'body' },
    ],
    stales: [
      { function: 220 },
    ],
    unavailable: 'WebSocket is not supported yet',
  },
  {
    number: 222,
    name: 'kong.websocket.client.set_status',
    kind: 'change',
    phases: IN_11,
    result: 'nothing',
    args: [
      { name: 'status', type: 'integer', minimum: 1000, maximum: 4999 },
    ],
    stales: [
      { function: 220 },
    ],
    unavailable: 'WebSocket is not supported yet',
  },
  {
    number: 223,
    name: 'kong.websocket.client.drop_frame',
    kind: 'change',
    phases: IN_11,
    result: 'nothing',
    unavailable: 'WebSocket is not supported yet',
  },
  {
    number: 224,
    name: 'kong.websocket.client.close',
    kind: 'change',
    phases: IN_11,
    result: 'nothing',
    args: [
      { name: 'status', type: 'integer', optional: true, minimum: 1000, maximum: 4999 },
      { name: 'message', type: 'text', optional: true },
      { name: 'upstream_status', type: 'integer', optional: true, minimum: 1000, maximum: 4999 },
      { name: 'upstream_payload', type: 'text', optional: true },
    ],
    unavailable: 'WebSocket is not supported yet',
  },
  {
    number: 225,
    name: 'kong.websocket.client.set_max_payload_size',
    kind: 'change',
    phases: IN_10,
    result: 'nothing',
    args: [
      { name: 'size', type: 'integer', minimum: 1, maximum: 33554432 },
    ],
    unavailable: 'WebSocket is not supported yet',
  },
  {
    number: 230,
    name: 'kong.websocket.upstream.get_frame',
    kind: 'fact',
    phases: IN_12,
    result: 'array',
    unavailable: 'WebSocket is not supported yet',
  },
  {
    number: 231,
    name: 'kong.websocket.upstream.set_frame_data',
    kind: 'change',
    phases: IN_12,
    result: 'nothing',
    args: [
      { name: 'data', type: 'body' },
    ],
    stales: [
      { function: 230 },
    ],
    unavailable: 'WebSocket is not supported yet',
  },
  {
    number: 232,
    name: 'kong.websocket.upstream.set_status',
    kind: 'change',
    phases: IN_12,
    result: 'nothing',
    args: [
      { name: 'status', type: 'integer', minimum: 1000, maximum: 4999 },
    ],
    stales: [
      { function: 230 },
    ],
    unavailable: 'WebSocket is not supported yet',
  },
  {
    number: 233,
    name: 'kong.websocket.upstream.drop_frame',
    kind: 'change',
    phases: IN_12,
    result: 'nothing',
    unavailable: 'WebSocket is not supported yet',
  },
  {
    number: 234,
    name: 'kong.websocket.upstream.close',
    kind: 'change',
    phases: IN_12,
    result: 'nothing',
    args: [
      { name: 'status', type: 'integer', optional: true, minimum: 1000, maximum: 4999 },
      { name: 'message', type: 'text', optional: true },
      { name: 'client_status', type: 'integer', optional: true, minimum: 1000, maximum: 4999 },
      { name: 'client_payload', type: 'text', optional: true },
    ],
    unavailable: 'WebSocket is not supported yet',
  },
  {
    number: 235,
    name: 'kong.websocket.upstream.set_max_payload_size',
    kind: 'change',
    phases: IN_10,
    result: 'nothing',
    args: [
      { name: 'size', type: 'integer', minimum: 1, maximum: 33554432 },
    ],
    unavailable: 'WebSocket is not supported yet',
  },
])

/**
 * Facts sent with every event of a phase.
 * @type {Readonly<Record<number, readonly number[]>>}
 */
export const DEFAULT_FACTS = Object.freeze({
  1: [20, 22, 21, 23, 43, 7],
  2: [40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2],
  3: [40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6],
  4: [40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6, 65, 67, 68],
  5: [40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6, 65, 67, 68, 8, 9],
  6: [20, 22, 21, 23, 43, 7, 1, 2],
  7: [40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6, 65, 67, 68],
  8: [40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6],
  9: [40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6, 65, 67, 68],
  10: [40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6],
  11: [40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6],
  12: [40, 41, 42, 43, 44, 46, 47, 52, 51, 20, 22, 21, 23, 1, 2, 3, 4, 5, 6],
})

/** The client's TLS connection. */
export class KongClientTls {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Ask the client for a certificate during the handshake, without requiring one.
   * Phases: certificate.
   * Not there yet: TLS listeners are not supported yet.
   * @returns {Promise<boolean>}
   */
  requestClientCertificate() {
    return this.#bridge.invoke(180, [])
  }

  /**
   * Give the client no TLS session to resume this connection with.
   * Phases: certificate.
   * Not there yet: TLS listeners are not supported yet.
   * @returns {Promise<boolean>}
   */
  disableSessionReuse() {
    return this.#bridge.invoke(181, [])
  }

  /**
   * Return the client's certificate chain as PEM, its own certificate first, or null.
   * Phases: rewrite, access, response, log.
   * Not there yet: TLS listeners are not supported yet.
   * @returns {Promise<string | null>}
   */
  getFullClientCertificateChain() {
    return this.#bridge.invoke(182, [])
  }

  /**
   * Set what the record of the request says of the client's certificate: `SUCCESS`, `NONE` or `FAILED:reason`.
   * Phases: rewrite, access, response.
   * Not there yet: TLS listeners are not supported yet.
   * @param {string} value
   * @returns {Promise<void>}
   */
  setClientVerify(value) {
    return this.#bridge.invoke(183, [value])
  }
}

/** Values of this plugin instance, from one phase of a request to the next. */
export class KongCtxPlugin {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Return the value that this plugin instance stored under this key in this request, or null.
   * Phases: all but certificate.
   * @param {string} key
   * @returns {Promise<any>}
   */
  get(key) {
    return this.#bridge.invoke(127, [key])
  }

  /**
   * Store a value for later phases of this plugin instance in this request; null removes it.
   * Phases: all but certificate.
   * @param {string} key
   * @param {unknown} [value]
   * @returns {Promise<void>}
   */
  set(key, value) {
    return this.#bridge.invoke(128, [key, value])
  }
}

/** Values shared by all plugins of a request. */
export class KongCtxShared {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Return the value that some plugin stored under this key in this request, or null.
   * Phases: all but certificate.
   * @param {string} key
   * @returns {Promise<any>}
   */
  get(key) {
    return this.#bridge.invoke(125, [key])
  }

  /**
   * Store a value for all plugins of this request; null removes it.
   * Phases: all but certificate.
   * @param {string} key
   * @param {unknown} [value]
   * @returns {Promise<void>}
   */
  set(key, value) {
    return this.#bridge.invoke(126, [key, value])
  }
}

/** JSON Web Encryption. */
export class KongEnterpriseEditionJwe {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Return the parts of an encrypted token.
   * Not there yet: JSON Web Encryption is not supported yet.
   * @param {string} token
   * @returns {Promise<Record<string, any>>}
   */
  decode(token) {
    return this.#bridge.invoke(210, [token])
  }

  /**
   * Return the plain text of an encrypted token.
   * Not there yet: JSON Web Encryption is not supported yet.
   * @param {unknown} key
   * @param {string} token
   * @returns {Promise<string>}
   */
  decrypt(key, token) {
    return this.#bridge.invoke(211, [key, token])
  }

  /**
   * Encrypt a text and return the token.
   * Not there yet: JSON Web Encryption is not supported yet.
   * @param {string} alg
   * @param {string} enc
   * @param {unknown} key
   * @param {string | Uint8Array} plaintext
   * @param {object | null} [options]
   * @returns {Promise<string>}
   */
  encrypt(alg, enc, key, plaintext, options) {
    return this.#bridge.invoke(212, [alg, enc, key, plaintext, options])
  }
}

/** The request that is sent upstream. */
export class KongServiceRequest {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Set a header of the request sent upstream, replacing every value it had; later plugins read it too.
   * Phases: rewrite, access.
   * @param {string | Uint8Array} name
   * @param {HeaderValue} value
   * @returns {Promise<void>}
   */
  setHeader(name, value) {
    return this.#bridge.invoke(90, [name, value])
  }

  /**
   * Add a header to the request sent upstream, after those of the same name.
   * Phases: rewrite, access.
   * @param {string | Uint8Array} name
   * @param {HeaderValue} value
   * @returns {Promise<void>}
   */
  addHeader(name, value) {
    return this.#bridge.invoke(91, [name, value])
  }

  /**
   * Remove every header of that name from the request sent upstream.
   * Phases: rewrite, access.
   * @param {string | Uint8Array} name
   * @returns {Promise<void>}
   */
  clearHeader(name) {
    return this.#bridge.invoke(92, [name])
  }

  /**
   * Set several headers of the request sent upstream; each replaces those of its name, others stay.
   * Phases: rewrite, access.
   * @param {HeadersToSet} headers
   * @returns {Promise<void>}
   */
  setHeaders(headers) {
    return this.#bridge.invoke(93, [headers])
  }

  /**
   * Set the method of the request sent upstream.
   * Phases: rewrite, access.
   * @param {string} method
   * @returns {Promise<void>}
   */
  setMethod(method) {
    return this.#bridge.invoke(94, [method])
  }

  /**
   * Set the path of the request sent upstream, without query; kong.request does not show it.
   * Phases: rewrite, access.
   * @param {string | Uint8Array} path
   * @returns {Promise<void>}
   */
  setPath(path) {
    return this.#bridge.invoke(95, [path])
  }

  /**
   * Set the scheme used towards upstream.
   * Phases: rewrite, access.
   * @param {string} scheme
   * @returns {Promise<void>}
   */
  setScheme(scheme) {
    return this.#bridge.invoke(96, [scheme])
  }

  /**
   * Set the query of the request sent upstream, as it is and without question mark.
   * Phases: rewrite, access.
   * @param {string | Uint8Array} query
   * @returns {Promise<void>}
   */
  setRawQuery(query) {
    return this.#bridge.invoke(97, [query])
  }

  /**
   * Set the query from names and values (string, number, boolean or a list of them), encoded and sorted.
   * Phases: rewrite, access.
   * @param {object} args
   * @returns {Promise<void>}
   */
  setQuery(args) {
    return this.#bridge.invoke(98, [args])
  }

  /**
   * Remove every occurrence of an argument from the query.
   * Phases: rewrite, access.
   * @param {string | Uint8Array} name
   * @returns {Promise<void>}
   */
  clearQueryArg(name) {
    return this.#bridge.invoke(99, [name])
  }

  /**
   * Set the body of the request sent upstream; the length is adjusted.
   * Phases: rewrite, access.
   * @param {string | Uint8Array} body
   * @returns {Promise<void>}
   */
  setRawBody(body) {
    return this.#bridge.invoke(100, [body])
  }

  /**
   * Encode the body of the request sent upstream as form, JSON or multipart, by `mimetype` or the Content-Type.
   * Phases: rewrite, access.
   * @param {object} args
   * @param {string | null} [mimetype]
   * @returns {Promise<boolean>}
   */
  setBody(args, mimetype) {
    return this.#bridge.invoke(101, [args, mimetype])
  }

  /**
   * Have the upstream's response read whole before the client gets any of it.
   * Phases: rewrite, access.
   * @returns {Promise<void>}
   */
  enableBuffering() {
    return this.#bridge.invoke(102, [])
  }

  /**
   * Connect upstream without TLS, in a stream.
   * Phases: preread.
   * Not there yet: TCP and TLS streams are not supported yet.
   * @returns {Promise<boolean>}
   */
  disableTls() {
    return this.#bridge.invoke(103, [])
  }

  /**
   * Connect upstream with TLS, in a stream.
   * Phases: preread.
   * Not there yet: TCP and TLS streams are not supported yet.
   * @returns {Promise<boolean>}
   */
  enableTls() {
    return this.#bridge.invoke(104, [])
  }
}

/** The response that came from upstream. */
export class KongServiceResponse {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Return the status of the upstream's response, or null if the request was not sent upstream.
   * Phases: response, log, response_headers, response_body.
   * @returns {Promise<number | null>}
   */
  getStatus() {
    return this.#bridge.invoke(110, [])
  }

  /**
   * Return the first value of a header as it came from upstream, or null.
   * Phases: response, log, response_headers, response_body.
   * @param {string | Uint8Array} name
   * @returns {Promise<string | null>}
   */
  getHeader(name) {
    return this.#bridge.invoke(111, [name])
  }

  /**
   * Return the headers that came from upstream by lower-case name; a repeated header has a list of values.
   * Phases: response, log, response_headers, response_body.
   * @param {number | null} [maxHeaders]
   * @returns {Promise<HeadersRead>}
   */
  getHeaders(maxHeaders) {
    return this.#bridge.invoke(112, [maxHeaders])
  }

  /**
   * Return the body that came from upstream as bytes; the response must be buffered.
   * Phases: response, log, response_headers, response_body.
   * @returns {Promise<Buffer>}
   */
  getRawBody() {
    return this.#bridge.invoke(113, [])
  }

  /**
   * Return the body that came from upstream parsed as form, JSON or multipart; the response must be buffered.
   * Phases: response, log, response_headers, response_body.
   * @param {string | null} [mimetype]
   * @param {number | null} [maxArgs]
   * @returns {Promise<any>}
   */
  getBody(mimetype, maxArgs) {
    return this.#bridge.invoke(114, [mimetype, maxArgs])
  }
}

/** Frames from the client. */
export class KongWebsocketClient {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Return the frame from the client: payload, type (`text`, `binary`, `ping`, `pong`, `close`) and, for a close, its
   * status.
   * Phases: ws_client_frame.
   * Not there yet: WebSocket is not supported yet.
   * @returns {Promise<any[]>}
   */
  getFrame() {
    return this.#bridge.invoke(220, [])
  }

  /**
   * Replace the payload of the frame before it is forwarded.
   * Phases: ws_client_frame.
   * Not there yet: WebSocket is not supported yet.
   * @param {string | Uint8Array} data
   * @returns {Promise<void>}
   */
  setFrameData(data) {
    return this.#bridge.invoke(221, [data])
  }

  /**
   * Replace the status of a close frame.
   * Phases: ws_client_frame.
   * Not there yet: WebSocket is not supported yet.
   * @param {number} status
   * @returns {Promise<void>}
   */
  setStatus(status) {
    return this.#bridge.invoke(222, [status])
  }

  /**
   * Do not forward the frame, and skip the plugins that would still see it.
   * Phases: ws_client_frame.
   * Not there yet: WebSocket is not supported yet.
   * @returns {Promise<void>}
   */
  dropFrame() {
    return this.#bridge.invoke(223, [])
  }

  /**
   * End the session with close frames to both sides.
   * Phases: ws_client_frame.
   * Not there yet: WebSocket is not supported yet.
   * @param {number | null} [status]
   * @param {string | Uint8Array | null} [message]
   * @param {number | null} [upstreamStatus]
   * @param {string | Uint8Array | null} [upstreamPayload]
   * @returns {Promise<void>}
   */
  close(status, message, upstreamStatus, upstreamPayload) {
    return this.#bridge.invoke(224, [status, message, upstreamStatus, upstreamPayload])
  }

  /**
   * Set how many bytes a message from the client may have.
   * Phases: ws_handshake.
   * Not there yet: WebSocket is not supported yet.
   * @param {number} size
   * @returns {Promise<void>}
   */
  setMaxPayloadSize(size) {
    return this.#bridge.invoke(225, [size])
  }
}

/** Frames from upstream. */
export class KongWebsocketUpstream {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Return the frame from the upstream: payload, type (`text`, `binary`, `ping`, `pong`, `close`) and, for a close,
   * its status.
   * Phases: ws_upstream_frame.
   * Not there yet: WebSocket is not supported yet.
   * @returns {Promise<any[]>}
   */
  getFrame() {
    return this.#bridge.invoke(230, [])
  }

  /**
   * Replace the payload of the frame before it is forwarded.
   * Phases: ws_upstream_frame.
   * Not there yet: WebSocket is not supported yet.
   * @param {string | Uint8Array} data
   * @returns {Promise<void>}
   */
  setFrameData(data) {
    return this.#bridge.invoke(231, [data])
  }

  /**
   * Replace the status of a close frame.
   * Phases: ws_upstream_frame.
   * Not there yet: WebSocket is not supported yet.
   * @param {number} status
   * @returns {Promise<void>}
   */
  setStatus(status) {
    return this.#bridge.invoke(232, [status])
  }

  /**
   * Do not forward the frame, and skip the plugins that would still see it.
   * Phases: ws_upstream_frame.
   * Not there yet: WebSocket is not supported yet.
   * @returns {Promise<void>}
   */
  dropFrame() {
    return this.#bridge.invoke(233, [])
  }

  /**
   * End the session with close frames to both sides.
   * Phases: ws_upstream_frame.
   * Not there yet: WebSocket is not supported yet.
   * @param {number | null} [status]
   * @param {string | Uint8Array | null} [message]
   * @param {number | null} [clientStatus]
   * @param {string | Uint8Array | null} [clientPayload]
   * @returns {Promise<void>}
   */
  close(status, message, clientStatus, clientPayload) {
    return this.#bridge.invoke(234, [status, message, clientStatus, clientPayload])
  }

  /**
   * Set how many bytes a message from the upstream may have.
   * Phases: ws_handshake.
   * Not there yet: WebSocket is not supported yet.
   * @param {number} size
   * @returns {Promise<void>}
   */
  setMaxPayloadSize(size) {
    return this.#bridge.invoke(235, [size])
  }
}

/** The client: its address, and who it is. */
export class KongClient {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /** @returns {KongClientTls} */
  get tls() {
    return new KongClientTls(this.#bridge)
  }

  /**
   * Return the address of the peer that is connected, never a forwarded one.
   * @returns {Promise<string>}
   */
  getIp() {
    return this.#bridge.invoke(20, [])
  }

  /**
   * Return the client's address after the real-ip rules: what a trusted peer says it is.
   * @returns {Promise<string>}
   */
  getForwardedIp() {
    return this.#bridge.invoke(21, [])
  }

  /**
   * Return the port of the peer that is connected.
   * @returns {Promise<number>}
   */
  getPort() {
    return this.#bridge.invoke(22, [])
  }

  /**
   * Return the client's port after the real-ip rules, or null if a trusted peer named an address without one.
   * @returns {Promise<number | null>}
   */
  getForwardedPort() {
    return this.#bridge.invoke(23, [])
  }

  /**
   * Load a consumer by id, or with `search_by_username` by name as well, and return it, or null.
   * Phases: all but certificate, rewrite, preread.
   * @param {string} consumerId
   * @param {boolean | null} [searchByUsername]
   * @returns {Promise<Record<string, any> | null>}
   */
  loadConsumer(consumerId, searchByUsername) {
    return this.#bridge.invoke(24, [consumerId, searchByUsername])
  }

  /**
   * Return the authenticated consumer, or null.
   * Phases: all but certificate, rewrite, preread.
   * @returns {Promise<Record<string, any> | null>}
   */
  getConsumer() {
    return this.#bridge.invoke(25, [])
  }

  /**
   * Return the credential the client authenticated with, or null.
   * Phases: all but certificate, rewrite, preread.
   * @returns {Promise<Record<string, any> | null>}
   */
  getCredential() {
    return this.#bridge.invoke(26, [])
  }

  /**
   * Set both the authenticated consumer and the credential; one of them may be null, which clears it.
   * Phases: access.
   * @param {object | null} [consumer]
   * @param {object | null} [credential]
   * @returns {Promise<void>}
   */
  authenticate(consumer, credential) {
    return this.#bridge.invoke(27, [consumer, credential])
  }

  /**
   * Return the protocol that the route was matched by; with `allow_terminated` a trusted X-Forwarded-Proto counts as
   * https.
   * Phases: all but certificate, rewrite, preread.
   * @param {boolean | null} [allowTerminated]
   * @returns {Promise<string>}
   */
  getProtocol(allowTerminated) {
    return this.#bridge.invoke(28, [allowTerminated])
  }

  /**
   * Set the consumer groups of a consumer, given by id, as the authenticated ones.
   * Phases: access.
   * @param {string} consumerId
   * @returns {Promise<void>}
   */
  authenticateConsumerGroupByConsumerId(consumerId) {
    return this.#bridge.invoke(29, [consumerId])
  }

  /**
   * Return the authenticated consumer group, or null.
   * Phases: all but certificate, rewrite, preread.
   * @returns {Promise<Record<string, any> | null>}
   */
  getConsumerGroup() {
    return this.#bridge.invoke(30, [])
  }

  /**
   * Return the authenticated consumer groups, or null.
   * Phases: all but certificate, rewrite, preread.
   * @returns {Promise<any[] | null>}
   */
  getConsumerGroups() {
    return this.#bridge.invoke(31, [])
  }

  /**
   * Set the authenticated consumer group; null clears it.
   * Phases: access.
   * @param {object | null} [group]
   * @returns {Promise<void>}
   */
  setAuthenticatedConsumerGroup(group) {
    return this.#bridge.invoke(32, [group])
  }

  /**
   * Set the authenticated consumer groups; null clears them.
   * Phases: access.
   * @param {readonly unknown[] | null} [groups]
   * @returns {Promise<void>}
   */
  setAuthenticatedConsumerGroups(groups) {
    return this.#bridge.invoke(33, [groups])
  }
}

/** The cluster this node belongs to. */
export class KongCluster {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Return the id of the cluster, or null if this node belongs to none.
   * @returns {Promise<string | null>}
   */
  getId() {
    return this.#bridge.invoke(141, [])
  }
}

/** Values kept for the time of a request. */
export class KongCtx {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /** @returns {KongCtxPlugin} */
  get plugin() {
    return new KongCtxPlugin(this.#bridge)
  }

  /** @returns {KongCtxShared} */
  get shared() {
    return new KongCtxShared(this.#bridge)
  }
}

/** Functions of Kong Enterprise. */
export class KongEnterpriseEdition {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /** @returns {KongEnterpriseEditionJwe} */
  get jwe() {
    return new KongEnterpriseEditionJwe(this.#bridge)
  }
}

/** This request on its way through the gateway (ours, not in Kong). */
export class KongExchange {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Return the request's id: 32 lower-case hexadecimal digits, the same in logs and headers.
   * Phases: all but certificate.
   * @returns {Promise<string>}
   */
  getId() {
    return this.#bridge.invoke(1, [])
  }

  /**
   * Return the W3C `traceparent` that this request belongs to, or null.
   * Phases: all but certificate.
   * @returns {Promise<string | null>}
   */
  getTraceContext() {
    return this.#bridge.invoke(2, [])
  }

  /**
   * Return the id of the route that matched, or null.
   * Phases: all but certificate, rewrite, preread.
   * @returns {Promise<string | null>}
   */
  getRouteId() {
    return this.#bridge.invoke(3, [])
  }

  /**
   * Return the id of the route's service, or null.
   * Phases: all but certificate, rewrite, preread.
   * @returns {Promise<string | null>}
   */
  getServiceId() {
    return this.#bridge.invoke(4, [])
  }

  /**
   * Return the id of the authenticated consumer, or null.
   * Phases: all but certificate, rewrite, preread.
   * @returns {Promise<string | null>}
   */
  getConsumerId() {
    return this.#bridge.invoke(5, [])
  }

  /**
   * Return the id of the credential the client authenticated with, or null.
   * Phases: all but certificate, rewrite, preread.
   * @returns {Promise<string | null>}
   */
  getCredentialId() {
    return this.#bridge.invoke(6, [])
  }

  /**
   * Return the server name (SNI) that the client asked for, or null.
   * Not there yet: TLS listeners are not supported yet.
   * @returns {Promise<string | null>}
   */
  getServerName() {
    return this.#bridge.invoke(7, [])
  }

  /**
   * Return the latencies `kong`, `proxy`, `request` and `receive` in milliseconds, as in the log record.
   * Phases: log.
   * @returns {Promise<Record<string, any>>}
   */
  getLatencies() {
    return this.#bridge.invoke(8, [])
  }

  /**
   * Return `request` and `response`: the bytes received from and sent to the client, heads included.
   * Phases: log.
   * @returns {Promise<Record<string, any>>}
   */
  getSizes() {
    return this.#bridge.invoke(9, [])
  }
}

/** Addresses. */
export class KongIp {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Return whether the address is one of the trusted ones.
   * @param {string} address
   * @returns {Promise<boolean>}
   */
  isTrusted(address) {
    return this.#bridge.invoke(130, [address])
  }
}

/** Log lines, and the record of the request. Calling `kong.log(...)` itself logs at level notice. */
export class KongLog {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Write a log line at level debug; the values are joined without separator.
   * @param {...unknown} values
   * @returns {Promise<void>}
   */
  debug(...values) {
    return this.#bridge.invoke(161, values)
  }

  /**
   * Write a log line at level info; the values are joined without separator.
   * @param {...unknown} values
   * @returns {Promise<void>}
   */
  info(...values) {
    return this.#bridge.invoke(162, values)
  }

  /**
   * Write a log line at level notice; the values are joined without separator.
   * @param {...unknown} values
   * @returns {Promise<void>}
   */
  notice(...values) {
    return this.#bridge.invoke(163, values)
  }

  /**
   * Write a log line at level warn; the values are joined without separator.
   * @param {...unknown} values
   * @returns {Promise<void>}
   */
  warn(...values) {
    return this.#bridge.invoke(164, values)
  }

  /**
   * Write a log line at level err; the values are joined without separator.
   * @param {...unknown} values
   * @returns {Promise<void>}
   */
  err(...values) {
    return this.#bridge.invoke(165, values)
  }

  /**
   * Write a log line at level crit; the values are joined without separator.
   * @param {...unknown} values
   * @returns {Promise<void>}
   */
  crit(...values) {
    return this.#bridge.invoke(166, values)
  }

  /**
   * Write a log line at level alert; the values are joined without separator.
   * @param {...unknown} values
   * @returns {Promise<void>}
   */
  alert(...values) {
    return this.#bridge.invoke(167, values)
  }

  /**
   * Write a warning about something deprecated; a map as last value may hold `after` and `removal`, the versions.
   * @param {...unknown} values
   * @returns {Promise<void>}
   */
  deprecation(...values) {
    return this.#bridge.invoke(168, values)
  }

  /**
   * Write the values pretty-printed, separated by spaces, at level notice: for debugging.
   * @param {...unknown} values
   * @returns {Promise<void>}
   */
  inspect(...values) {
    return this.#bridge.invoke(169, values)
  }

  /**
   * Return the record of this request as JSON text: request, response, latencies, tries, route, service, consumer.
   * Phases: log.
   * @returns {Promise<string>}
   */
  serialize() {
    return this.#bridge.invoke(170, [])
  }

  /**
   * Set, add or replace a value in the request's record; dots in the key make nested maps, null deletes.
   * Phases: rewrite, access, response, log, response_headers, response_body.
   * @param {string} key
   * @param {unknown} [value]
   * @param {string | null} [mode]
   * @returns {Promise<void>}
   */
  setSerializeValue(key, value, mode) {
    return this.#bridge.invoke(171, [key, value, mode])
  }
}

/** @typedef {KongLog & ((...values: unknown[]) => Promise<void>)} CallableKongLog */

/**
 * Write a log line at level notice; the values are joined without separator.
 * @param {Bridge} bridge
 * @returns {CallableKongLog}
 */
function callableKongLog(bridge) {
  const space = new KongLog(bridge)
  const call = (/** @type {unknown[]} */ ...values) => bridge.invoke(160, values)
  return /** @type {any} */ (new Proxy(call, {
    get(_, key) {
      const value = Reflect.get(space, key)
      return typeof value === 'function' ? value.bind(space) : value
    },
  }))
}

/** What Kong reads from nginx, with the same meaning here. */
export class KongNginx {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Return what nginx would have in the variable of that name, or null.
   * Phases: all but certificate.
   * @param {string} name
   * @returns {Promise<string | null>}
   */
  getVar(name) {
    return this.#bridge.invoke(134, [name])
  }

  /**
   * Return the TLS version of the client's connection, such as `TLSv1.3`, or null.
   * @returns {Promise<string | null>}
   */
  getTls1VersionStr() {
    return this.#bridge.invoke(135, [])
  }

  /**
   * Return the value under this key in the request's raw context, or null.
   * Phases: all but certificate.
   * @param {string} key
   * @returns {Promise<any>}
   */
  getCtx(key) {
    return this.#bridge.invoke(136, [key])
  }

  /**
   * Store a value in the request's raw context; null removes it.
   * Phases: all but certificate.
   * @param {string} key
   * @param {unknown} [value]
   * @returns {Promise<void>}
   */
  setCtx(key, value) {
    return this.#bridge.invoke(137, [key, value])
  }

  /**
   * Return when the request began, in seconds of Unix time.
   * Phases: all but certificate.
   * @returns {Promise<number>}
   */
  reqStartTime() {
    return this.#bridge.invoke(138, [])
  }

  /**
   * Return `http`, or `stream` for TCP and TLS streams.
   * @returns {Promise<string>}
   */
  getSubsystem() {
    return this.#bridge.invoke(139, [])
  }

  /**
   * Return the numbers of connections and requests of this node.
   * @returns {Promise<Record<string, any>>}
   */
  getStatistics() {
    return this.#bridge.invoke(140, [])
  }
}

/** This gateway node. */
export class KongNode {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Return the id of this gateway node, a UUID.
   * @returns {Promise<string>}
   */
  getId() {
    return this.#bridge.invoke(131, [])
  }

  /**
   * Return the host name of this gateway node.
   * @returns {Promise<string>}
   */
  getHostname() {
    return this.#bridge.invoke(132, [])
  }

  /**
   * Return the memory in use, as numbers of bytes, or as text in the given unit.
   * @param {string | null} [unit]
   * @param {number | null} [scale]
   * @returns {Promise<Record<string, any>>}
   */
  getMemoryStats(unit, scale) {
    return this.#bridge.invoke(133, [unit, scale])
  }
}

/** The plugin that runs. */
export class KongPlugin {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Return the id of the plugin entity whose handler runs.
   * @returns {Promise<string>}
   */
  getId() {
    return this.#bridge.invoke(142, [])
  }
}

/** The client's request, with the changes that plugins made so far. */
export class KongRequest {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Return when the request began, in milliseconds of Unix time.
   * Phases: all but certificate, preread.
   * @returns {Promise<number>}
   */
  getStartTime() {
    return this.#bridge.invoke(18, [])
  }

  /**
   * Return what the route's regular expression captured: `unnamed`, a list with the whole match first, and `named`, a
   * map; both empty without captures.
   * Phases: all but certificate, preread.
   * @returns {Promise<Record<string, any>>}
   */
  getUriCaptures() {
    return this.#bridge.invoke(19, [])
  }

  /**
   * Return the request's method, in upper case.
   * Phases: all but certificate, preread.
   * @returns {Promise<string>}
   */
  getMethod() {
    return this.#bridge.invoke(40, [])
  }

  /**
   * Return the scheme of the client's connection: `http` or `https`.
   * Phases: all but certificate, preread.
   * @returns {Promise<string>}
   */
  getScheme() {
    return this.#bridge.invoke(41, [])
  }

  /**
   * Return the host asked for, in lower case and without port.
   * Phases: all but certificate, preread.
   * @returns {Promise<string>}
   */
  getHost() {
    return this.#bridge.invoke(42, [])
  }

  /**
   * Return the port of this gateway that the client is connected to.
   * @returns {Promise<number>}
   */
  getPort() {
    return this.#bridge.invoke(43, [])
  }

  /**
   * Return the normalised path, without query: escapes of unreserved bytes decoded, dot segments and double slashes
   * gone.
   * Phases: all but certificate, preread.
   * @returns {Promise<string>}
   */
  getPath() {
    return this.#bridge.invoke(44, [])
  }

  /**
   * Return the path as received, without query.
   * Phases: all but certificate, preread.
   * @returns {Promise<string>}
   */
  getRawPath() {
    return this.#bridge.invoke(45, [])
  }

  /**
   * Return the request target as received: path and query.
   * Phases: all but certificate, preread.
   * @returns {Promise<string>}
   */
  getPathWithQuery() {
    return this.#bridge.invoke(46, [])
  }

  /**
   * Return the query without its question mark, undecoded; an empty string if there is none.
   * Phases: all but certificate, preread.
   * @returns {Promise<string>}
   */
  getRawQuery() {
    return this.#bridge.invoke(47, [])
  }

  /**
   * Return the first value of a query argument, true if it has no `=`, null if it is not there.
   * Phases: all but certificate, preread.
   * @param {string | Uint8Array} name
   * @returns {Promise<QueryValue | null>}
   */
  getQueryArg(name) {
    return this.#bridge.invoke(48, [name])
  }

  /**
   * Return the query's arguments, decoded: a string, true for a name without `=`, a list for a repeated name.
   * Phases: all but certificate, preread.
   * @param {number | null} [maxArgs]
   * @returns {Promise<Query>}
   */
  getQuery(maxArgs) {
    return this.#bridge.invoke(49, [maxArgs])
  }

  /**
   * Return the first value of a request header, or null; case does not matter, `_` also finds `-`.
   * Phases: all but certificate, preread.
   * @param {string | Uint8Array} name
   * @returns {Promise<string | null>}
   */
  getHeader(name) {
    return this.#bridge.invoke(50, [name])
  }

  /**
   * Return the request's headers by lower-case name; a repeated header has a list of values.
   * Phases: all but certificate, preread.
   * @param {number | null} [maxHeaders]
   * @returns {Promise<HeadersRead>}
   */
  getHeaders(maxHeaders) {
    return this.#bridge.invoke(51, [maxHeaders])
  }

  /**
   * Return the HTTP version of the request: 1, 1.1, 2 or 3.
   * Phases: all but certificate, preread.
   * @returns {Promise<number | null>}
   */
  getHttpVersion() {
    return this.#bridge.invoke(52, [])
  }

  /**
   * Return the scheme a trusted peer says the client used, else that of the connection.
   * Phases: all but certificate, preread.
   * @returns {Promise<string>}
   */
  getForwardedScheme() {
    return this.#bridge.invoke(53, [])
  }

  /**
   * Return the host a trusted peer says the client asked for, else that of the request.
   * Phases: all but certificate, preread.
   * @returns {Promise<string>}
   */
  getForwardedHost() {
    return this.#bridge.invoke(54, [])
  }

  /**
   * Return the port a trusted peer says the client is connected to, else this gateway's.
   * Phases: all but certificate, preread.
   * @returns {Promise<number>}
   */
  getForwardedPort() {
    return this.#bridge.invoke(55, [])
  }

  /**
   * Return the path a trusted peer says the client asked for, else the normalised path.
   * Phases: all but certificate, preread.
   * @returns {Promise<string>}
   */
  getForwardedPath() {
    return this.#bridge.invoke(56, [])
  }

  /**
   * Return the path prefix a trusted peer says was stripped, else the one the route strips, or null.
   * Phases: all but certificate, preread.
   * @returns {Promise<string | null>}
   */
  getForwardedPrefix() {
    return this.#bridge.invoke(57, [])
  }

  /**
   * Return the request's body as bytes, empty if there is none.
   * Phases: rewrite, access, response.
   * @param {number | null} [maxAllowedFileSize]
   * @returns {Promise<Buffer>}
   */
  getRawBody(maxAllowedFileSize) {
    return this.#bridge.invoke(58, [maxAllowedFileSize])
  }

  /**
   * Return the request's body parsed as form, JSON or multipart, by `mimetype` or the Content-Type.
   * Phases: rewrite, access, response.
   * @param {string | null} [mimetype]
   * @param {number | null} [maxArgs]
   * @param {number | null} [maxAllowedFileSize]
   * @returns {Promise<any>}
   */
  getBody(mimetype, maxArgs, maxAllowedFileSize) {
    return this.#bridge.invoke(59, [mimetype, maxArgs, maxAllowedFileSize])
  }
}

/** The response to the client. */
export class KongResponse {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Set a header of the response, replacing every value it had.
   * Phases: rewrite, access, response, response_headers.
   * @param {string | Uint8Array} name
   * @param {HeaderValue} value
   * @returns {Promise<void>}
   */
  setHeader(name, value) {
    return this.#bridge.invoke(60, [name, value])
  }

  /**
   * Add a header to the response, after those of the same name.
   * Phases: rewrite, access, response, response_headers.
   * @param {string | Uint8Array} name
   * @param {HeaderValue} value
   * @returns {Promise<void>}
   */
  addHeader(name, value) {
    return this.#bridge.invoke(61, [name, value])
  }

  /**
   * Remove every header of that name from the response.
   * Phases: rewrite, access, response, response_headers.
   * @param {string | Uint8Array} name
   * @returns {Promise<void>}
   */
  clearHeader(name) {
    return this.#bridge.invoke(62, [name])
  }

  /**
   * Set several headers of the response; each replaces those of its name, others stay.
   * Phases: rewrite, access, response, response_headers.
   * @param {HeadersToSet} headers
   * @returns {Promise<void>}
   */
  setHeaders(headers) {
    return this.#bridge.invoke(63, [headers])
  }

  /**
   * Set the status of the response.
   * Phases: rewrite, access, response, response_headers.
   * @param {number} status
   * @returns {Promise<void>}
   */
  setStatus(status) {
    return this.#bridge.invoke(64, [status])
  }

  /**
   * Return the status that the client gets.
   * Phases: response, log, response_headers, response_body.
   * @returns {Promise<number>}
   */
  getStatus() {
    return this.#bridge.invoke(65, [])
  }

  /**
   * Return the first value of a header of the response to the client, or null.
   * Phases: response, log, response_headers, response_body.
   * @param {string | Uint8Array} name
   * @returns {Promise<string | null>}
   */
  getHeader(name) {
    return this.#bridge.invoke(66, [name])
  }

  /**
   * Return the headers of the response to the client by lower-case name; a repeated header has a list of values.
   * Phases: response, log, response_headers, response_body.
   * @param {number | null} [maxHeaders]
   * @returns {Promise<HeadersRead>}
   */
  getHeaders(maxHeaders) {
    return this.#bridge.invoke(67, [maxHeaders])
  }

  /**
   * Return where the response comes from: `service`, `exit` (a plugin answered) or `error`.
   * Phases: response, log, response_headers, response_body.
   * @returns {Promise<string>}
   */
  getSource() {
    return this.#bridge.invoke(68, [])
  }

  /**
   * End the handler and answer the client with this status, body (a map or list becomes JSON) and headers.
   * Phases: rewrite, access, response, preread, response_headers.
   * @param {number} status
   * @param {string | Uint8Array | object | null} [body]
   * @param {HeadersToSet | null} [headers]
   * @returns {never}
   */
  exit(status, body, headers) {
    return /** @type {never} */ (this.#bridge.invoke(69, [status, body, headers]))
  }

  /**
   * End the handler and answer the client with an error page, in a format the client accepts.
   * Phases: rewrite, access, response, response_headers.
   * @param {number} status
   * @param {string | Uint8Array | object | null} [message]
   * @param {HeadersToSet | null} [headers]
   * @returns {never}
   */
  error(status, message, headers) {
    return /** @type {never} */ (this.#bridge.invoke(70, [status, message, headers]))
  }

  /**
   * Return the whole body that the client is going to get, as bytes.
   * Phases: response.
   * @returns {Promise<Buffer>}
   */
  getRawBody() {
    return this.#bridge.invoke(71, [])
  }

  /**
   * Replace the body that the client gets; length, coding, entity tag and digests of the old one are dropped.
   * Phases: response.
   * @param {string | Uint8Array} body
   * @returns {Promise<void>}
   */
  setRawBody(body) {
    return this.#bridge.invoke(72, [body])
  }
}

/** The route that matched. */
export class KongRouter {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Return the route that matched, or null.
   * Phases: all but certificate, rewrite, preread.
   * @returns {Promise<Record<string, any> | null>}
   */
  getRoute() {
    return this.#bridge.invoke(120, [])
  }

  /**
   * Return the service of the route, or null.
   * Phases: all but certificate, rewrite, preread.
   * @returns {Promise<Record<string, any> | null>}
   */
  getService() {
    return this.#bridge.invoke(121, [])
  }
}

/** Where and how the request is sent upstream. */
export class KongService {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /** @returns {KongServiceRequest} */
  get request() {
    return new KongServiceRequest(this.#bridge)
  }

  /** @returns {KongServiceResponse} */
  get response() {
    return new KongServiceResponse(this.#bridge)
  }

  /**
   * Send the request to the upstream entity of that name; fails if there is none.
   * Phases: access.
   * @param {string} host
   * @returns {Promise<boolean>}
   */
  setUpstream(host) {
    return this.#bridge.invoke(80, [host])
  }

  /**
   * Send the request to this host and port, past the balancer; the Host header sent upstream becomes `host`.
   * Phases: rewrite, access, preread.
   * @param {string} host
   * @param {number} port
   * @returns {Promise<void>}
   */
  setTarget(host, port) {
    return this.#bridge.invoke(81, [host, port])
  }

  /**
   * Set how often sending upstream is tried again.
   * Phases: access.
   * @param {number} retries
   * @returns {Promise<void>}
   */
  setRetries(retries) {
    return this.#bridge.invoke(82, [retries])
  }

  /**
   * Set the time-outs towards upstream, in milliseconds.
   * Phases: access.
   * @param {number} connectTimeout
   * @param {number} writeTimeout
   * @param {number} readTimeout
   * @returns {Promise<void>}
   */
  setTimeouts(connectTimeout, writeTimeout, readTimeout) {
    return this.#bridge.invoke(83, [connectTimeout, writeTimeout, readTimeout])
  }

  /**
   * Turn verification of the upstream's certificate on or off for this request.
   * Phases: rewrite, access, preread.
   * @param {boolean} on
   * @returns {Promise<boolean>}
   */
  setTlsVerify(on) {
    return this.#bridge.invoke(84, [on])
  }

  /**
   * Set how long the chain of the upstream's certificate may be.
   * Phases: rewrite, access, preread.
   * @param {number} depth
   * @returns {Promise<boolean>}
   */
  setTlsVerifyDepth(depth) {
    return this.#bridge.invoke(85, [depth])
  }
}

/** Structured log entries for OpenTelemetry. */
export class KongTelemetry {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Hand a structured entry to a telemetry plugin; fails if no such plugin is active.
   * Phases: all but certificate.
   * @param {string} pluginName
   * @param {object} pluginConfig
   * @param {string} messageType
   * @param {unknown} message
   * @param {object | null} [attributes]
   * @returns {Promise<boolean>}
   */
  log(pluginName, pluginConfig, messageType, message, attributes) {
    return this.#bridge.invoke(190, [pluginName, pluginConfig, messageType, message, attributes])
  }
}

/** Spans. */
export class KongTracing {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Return the span that is active, or null.
   * Phases: all but certificate, preread.
   * Not there yet: tracing is not supported yet.
   * @returns {Promise<Record<string, any> | null>}
   */
  activeSpan() {
    return this.#bridge.invoke(200, [])
  }

  /**
   * Make a span the active one.
   * Phases: all but certificate, preread.
   * Not there yet: tracing is not supported yet.
   * @param {object} span
   * @returns {Promise<void>}
   */
  setActiveSpan(span) {
    return this.#bridge.invoke(201, [span])
  }

  /**
   * Start a span and return it.
   * Phases: all but certificate, preread.
   * Not there yet: tracing is not supported yet.
   * @param {string} name
   * @param {object | null} [options]
   * @returns {Promise<Record<string, any>>}
   */
  startSpan(name, options) {
    return this.#bridge.invoke(202, [name, options])
  }

  /**
   * Make a span without starting it, and return it.
   * Phases: all but certificate, preread.
   * Not there yet: tracing is not supported yet.
   * @param {string} name
   * @param {object | null} [options]
   * @returns {Promise<Record<string, any>>}
   */
  createSpan(name, options) {
    return this.#bridge.invoke(203, [name, options])
  }

  /**
   * Say whether the spans of this request are kept.
   * Phases: all but certificate, preread.
   * Not there yet: tracing is not supported yet.
   * @param {boolean} shouldSample
   * @returns {Promise<void>}
   */
  setShouldSample(shouldSample) {
    return this.#bridge.invoke(204, [shouldSample])
  }

  /**
   * Return whether the spans of this request are kept.
   * Phases: all but certificate, preread.
   * Not there yet: tracing is not supported yet.
   * @param {boolean | null} [parentShouldSample]
   * @param {number | null} [samplingRate]
   * @returns {Promise<boolean>}
   */
  getSamplingDecision(parentShouldSample, samplingRate) {
    return this.#bridge.invoke(205, [parentShouldSample, samplingRate])
  }
}

/** Secrets. */
export class KongVault {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Return the secret that a reference such as `{vault://env/token}` points to.
   * @param {string} reference
   * @returns {Promise<string>}
   */
  get(reference) {
    return this.#bridge.invoke(150, [reference])
  }

  /**
   * Return whether the text has the form of a vault reference.
   * @param {string} reference
   * @returns {Promise<boolean>}
   */
  isReference(reference) {
    return this.#bridge.invoke(151, [reference])
  }

  /**
   * Return the parts of a vault reference: `name`, `resource`, and if given `key`, `config`, `version`.
   * @param {string} reference
   * @returns {Promise<Record<string, any>>}
   */
  parseReference(reference) {
    return this.#bridge.invoke(152, [reference])
  }

  /**
   * Return a copy of the options in which the fields named in `$refs` are resolved anew.
   * @param {object} options
   * @returns {Promise<Record<string, any>>}
   */
  update(options) {
    return this.#bridge.invoke(153, [options])
  }

  /**
   * Forget the secrets that this node has cached.
   * @returns {Promise<void>}
   */
  flush() {
    return this.#bridge.invoke(154, [])
  }
}

/** WebSocket frames. */
export class KongWebsocket {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /** @returns {KongWebsocketClient} */
  get client() {
    return new KongWebsocketClient(this.#bridge)
  }

  /** @returns {KongWebsocketUpstream} */
  get upstream() {
    return new KongWebsocketUpstream(this.#bridge)
  }
}

/** The PDK of one step of an event. What returns something is awaited. */
export class Kong {
  /** @type {Bridge} */
  #bridge

  /** @param {Bridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge
  }

  /**
   * Aborted when the event is over for the gateway: its time is up, or the client has gone. For `fetch` and kin.
   * @returns {AbortSignal}
   */
  get signal() {
    return this.#bridge.signal
  }

  /** @returns {KongClient} */
  get client() {
    return new KongClient(this.#bridge)
  }

  /** @returns {KongCluster} */
  get cluster() {
    return new KongCluster(this.#bridge)
  }

  /** @returns {KongCtx} */
  get ctx() {
    return new KongCtx(this.#bridge)
  }

  /** @returns {KongEnterpriseEdition} */
  get enterpriseEdition() {
    return new KongEnterpriseEdition(this.#bridge)
  }

  /** @returns {KongExchange} */
  get exchange() {
    return new KongExchange(this.#bridge)
  }

  /** @returns {KongIp} */
  get ip() {
    return new KongIp(this.#bridge)
  }

  /** @returns {CallableKongLog} */
  get log() {
    return callableKongLog(this.#bridge)
  }

  /** @returns {KongNginx} */
  get nginx() {
    return new KongNginx(this.#bridge)
  }

  /** @returns {KongNode} */
  get node() {
    return new KongNode(this.#bridge)
  }

  /** @returns {KongPlugin} */
  get plugin() {
    return new KongPlugin(this.#bridge)
  }

  /** @returns {KongRequest} */
  get request() {
    return new KongRequest(this.#bridge)
  }

  /** @returns {KongResponse} */
  get response() {
    return new KongResponse(this.#bridge)
  }

  /** @returns {KongRouter} */
  get router() {
    return new KongRouter(this.#bridge)
  }

  /** @returns {KongService} */
  get service() {
    return new KongService(this.#bridge)
  }

  /** @returns {KongTelemetry} */
  get telemetry() {
    return new KongTelemetry(this.#bridge)
  }

  /** @returns {KongTracing} */
  get tracing() {
    return new KongTracing(this.#bridge)
  }

  /** @returns {KongVault} */
  get vault() {
    return new KongVault(this.#bridge)
  }

  /** @returns {KongWebsocket} */
  get websocket() {
    return new KongWebsocket(this.#bridge)
  }
}
