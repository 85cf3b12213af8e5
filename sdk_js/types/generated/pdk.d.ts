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
export const VERSIONS: readonly number[];
export const FEATURES: readonly string[];
export const PHASES: Readonly<{
    certificate: 1;
    rewrite: 2;
    access: 3;
    response: 4;
    log: 5;
    preread: 6;
    response_headers: 7;
    request_body: 8;
    response_body: 9;
    ws_handshake: 10;
    ws_client_frame: 11;
    ws_upstream_frame: 12;
}>;
/** @type {Readonly<Record<number, string>>} */
export const PHASE_NAMES: Readonly<Record<number, string>>;
/** @type {Readonly<Record<string, number>>} */
export const LOG_LEVELS: Readonly<Record<string, number>>;
/** @type {Readonly<Record<string, number>>} */
export const OUTCOMES: Readonly<Record<string, number>>;
export const MESSAGES: Readonly<{
    HELLO: 1;
    WELCOME: 2;
    PING: 4;
    PONG: 5;
    DRAIN: 6;
    START: 8;
    STARTED: 9;
    CLOSE: 10;
    EVENT: 16;
    DONE: 17;
    CANCEL: 18;
    CALL: 20;
    REPLY: 21;
    LOG: 24;
    CHUNK: 28;
    WINDOW: 29;
}>;
/** Error codes, each with the status that a client sees under `fail_closed` (0: none). */
export const ERROR_STATUS: Readonly<{
    failed: 500;
    bad_change: 500;
    deadline: 504;
    cancelled: 0;
    client_gone: 0;
    refused: 503;
    no_instance: 503;
    bad_config: 503;
    start_failed: 503;
    lost: 500;
    overload: 503;
    unavailable: 503;
    gone: 500;
    bad_args: 500;
    wrong_phase: 500;
    unsupported: 500;
    too_large: 500;
    pdk: 500;
    internal: 500;
    version: 503;
    auth: 503;
    protocol: 500;
    limit: 500;
    stalled: 500;
    mismatch: 503;
}>;
/** bytes of one frame's value, unless the receiver said otherwise */
export const MAX_FRAME_DEFAULT: 1048576;
/** bytes; no peer may ask for less */
export const MAX_FRAME_MINIMUM: 262144;
/** bytes of the first frame to a server */
export const MAX_HELLO: 65536;
/** bytes of the first frame to a host */
export const MAX_WELCOME: 1048576;
/** seconds for HELLO, and again for WELCOME */
export const HANDSHAKE_TIMEOUT: 5;
/** arrays and maps within each other, the message included */
export const MAX_DEPTH: 32;
/** elements of a message */
export const MAX_ELEMENTS: 15;
/** 2^53 - 1: ids, sizes, counters */
export const MAX_ID: 9007199254740991;
/** bytes of an error code */
export const MAX_ERROR_CODE: 32;
/** changes of one step */
export const MAX_CHANGES: 1000;
/** calls in flight per event */
export const MAX_CALLS: 64;
/** STARTs without STARTED per connection */
export const MAX_STARTS: 16;
/** instances per connection */
export const MAX_INSTANCES: 1000;
/** log events in flight per connection */
export const MAX_LOG_EVENTS: 64;
/** milliseconds; the smallest budget is 1 */
export const MAX_BUDGET_MS: 2147483647;
/** milliseconds of a step */
export const DEFAULT_BUDGET_MS: 5000;
/** milliseconds of a step of the log phase */
export const DEFAULT_LOG_BUDGET_MS: 10000;
/** bytes of a stream that may be under way ungranted */
export const WINDOW: 262144;
/** bytes of data in one CHUNK */
export const MAX_CHUNK: 65536;
/** bytes; a longer value travels as a blob */
export const BLOB_THRESHOLD: 65536;
/** bytes of facts per event */
export const FACTS_BUDGET: 16384;
/** bytes; a longer block of headers is sent as single keys */
export const MAX_HEADERS_BLOCK: 8192;
/** bytes; a larger kong.ctx.shared is sent as single keys */
export const MAX_WHOLE_SHARED: 1024;
/** bytes; a longer declared body is left out and called for */
export const MAX_BODY_FACT: 65536;
/** keys learned per plugin and phase */
export const MAX_LEARNED_KEYS: 32;
/** bytes of a learned key's arguments */
export const MAX_LEARNED_ARGUMENTS: 64;
/** events: about one in so many asks for the keys read */
export const REPORT_READS_EVERY: 256;
/** milliseconds that a `next` may be held to be written with what follows */
export const DONE_HOLD_MS: 5;
/** milliseconds that log events are gathered */
export const LOG_GATHER_MS: 20;
/** log events waiting per server; the oldest goes */
export const LOG_RING_EVENTS: 10000;
/** bytes of facts of waiting log events per server */
export const LOG_RING_BYTES: 16777216;
/** LOG lines an SDK keeps; the oldest goes */
export const LOG_QUEUE_LINES: 1000;
/** LOG lines a host takes per second and server */
export const LOG_LINES_PER_SECOND: 1000;
/** milliseconds of silence before a PING */
export const PING_MS: 5000;
/** silent intervals after which a peer is lost */
export const PINGS_MISSED: 3;
/** seconds for events to end after DRAIN */
export const DRAIN_GRACE: 30;
/** seconds without progress of a write before DRAIN `stalled` */
export const STALL_TIMEOUT: 10;
/** seconds past CANCEL after which a member is to be replaced */
export const STUCK_AFTER: 30;
/** bytes unsent above which a member gets no events */
export const MAX_UNSENT: 4194304;
/** seconds an event waits for a credit; at most half its budget */
export const MAX_QUEUE_TIME: 1;
/** frames of one connection handled per turn of the loop */
export const MAX_TURN_FRAMES: 64;
/** bytes of one connection handled per turn of the loop */
export const MAX_TURN_BYTES: 262144;
/** bytes of one gRPC Batch */
export const MAX_BATCH: 1048576;
/** bytes of queued messages gathered into one Batch */
export const BATCH_FILL: 65536;
/** first number of functions that a host defines */
export const HOST_FUNCTIONS: 10000;
/** lines that get_headers and arguments that get_query return when not told */
export const DEFAULT_MAX_HEADERS: 100;
/** @type {readonly PdkFunction[]} */
export const FUNCTIONS: readonly PdkFunction[];
/**
 * Facts sent with every event of a phase.
 * @type {Readonly<Record<number, readonly number[]>>}
 */
export const DEFAULT_FACTS: Readonly<Record<number, readonly number[]>>;
/** The client's TLS connection. */
export class KongClientTls {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /**
     * Ask the client for a certificate during the handshake, without requiring one.
     * Phases: certificate.
     * Not there yet: TLS listeners are not supported yet.
     * @returns {Promise<boolean>}
     */
    requestClientCertificate(): Promise<boolean>;
    /**
     * Give the client no TLS session to resume this connection with.
     * Phases: certificate.
     * Not there yet: TLS listeners are not supported yet.
     * @returns {Promise<boolean>}
     */
    disableSessionReuse(): Promise<boolean>;
    /**
     * Return the client's certificate chain as PEM, its own certificate first, or null.
     * Phases: rewrite, access, response, log.
     * Not there yet: TLS listeners are not supported yet.
     * @returns {Promise<string | null>}
     */
    getFullClientCertificateChain(): Promise<string | null>;
    /**
     * Set what the record of the request says of the client's certificate: `SUCCESS`, `NONE` or `FAILED:reason`.
     * Phases: rewrite, access, response.
     * Not there yet: TLS listeners are not supported yet.
     * @param {string} value
     * @returns {Promise<void>}
     */
    setClientVerify(value: string): Promise<void>;
    #private;
}
/** Values of this plugin instance, from one phase of a request to the next. */
export class KongCtxPlugin {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /**
     * Return the value that this plugin instance stored under this key in this request, or null.
     * Phases: all but certificate.
     * @param {string} key
     * @returns {Promise<any>}
     */
    get(key: string): Promise<any>;
    /**
     * Store a value for later phases of this plugin instance in this request; null removes it.
     * Phases: all but certificate.
     * @param {string} key
     * @param {unknown} [value]
     * @returns {Promise<void>}
     */
    set(key: string, value?: unknown): Promise<void>;
    #private;
}
/** Values shared by all plugins of a request. */
export class KongCtxShared {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /**
     * Return the value that some plugin stored under this key in this request, or null.
     * Phases: all but certificate.
     * @param {string} key
     * @returns {Promise<any>}
     */
    get(key: string): Promise<any>;
    /**
     * Store a value for all plugins of this request; null removes it.
     * Phases: all but certificate.
     * @param {string} key
     * @param {unknown} [value]
     * @returns {Promise<void>}
     */
    set(key: string, value?: unknown): Promise<void>;
    #private;
}
/** JSON Web Encryption. */
export class KongEnterpriseEditionJwe {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /**
     * Return the parts of an encrypted token.
     * Not there yet: JSON Web Encryption is not supported yet.
     * @param {string} token
     * @returns {Promise<Record<string, any>>}
     */
    decode(token: string): Promise<Record<string, any>>;
    /**
     * Return the plain text of an encrypted token.
     * Not there yet: JSON Web Encryption is not supported yet.
     * @param {unknown} key
     * @param {string} token
     * @returns {Promise<string>}
     */
    decrypt(key: unknown, token: string): Promise<string>;
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
    encrypt(alg: string, enc: string, key: unknown, plaintext: string | Uint8Array, options?: object | null): Promise<string>;
    #private;
}
/** The request that is sent upstream. */
export class KongServiceRequest {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /**
     * Set a header of the request sent upstream, replacing every value it had; later plugins read it too.
     * Phases: rewrite, access.
     * @param {string | Uint8Array} name
     * @param {HeaderValue} value
     * @returns {Promise<void>}
     */
    setHeader(name: string | Uint8Array, value: HeaderValue): Promise<void>;
    /**
     * Add a header to the request sent upstream, after those of the same name.
     * Phases: rewrite, access.
     * @param {string | Uint8Array} name
     * @param {HeaderValue} value
     * @returns {Promise<void>}
     */
    addHeader(name: string | Uint8Array, value: HeaderValue): Promise<void>;
    /**
     * Remove every header of that name from the request sent upstream.
     * Phases: rewrite, access.
     * @param {string | Uint8Array} name
     * @returns {Promise<void>}
     */
    clearHeader(name: string | Uint8Array): Promise<void>;
    /**
     * Set several headers of the request sent upstream; each replaces those of its name, others stay.
     * Phases: rewrite, access.
     * @param {HeadersToSet} headers
     * @returns {Promise<void>}
     */
    setHeaders(headers: HeadersToSet): Promise<void>;
    /**
     * Set the method of the request sent upstream.
     * Phases: rewrite, access.
     * @param {string} method
     * @returns {Promise<void>}
     */
    setMethod(method: string): Promise<void>;
    /**
     * Set the path of the request sent upstream, without query; kong.request does not show it.
     * Phases: rewrite, access.
     * @param {string | Uint8Array} path
     * @returns {Promise<void>}
     */
    setPath(path: string | Uint8Array): Promise<void>;
    /**
     * Set the scheme used towards upstream.
     * Phases: rewrite, access.
     * @param {string} scheme
     * @returns {Promise<void>}
     */
    setScheme(scheme: string): Promise<void>;
    /**
     * Set the query of the request sent upstream, as it is and without question mark.
     * Phases: rewrite, access.
     * @param {string | Uint8Array} query
     * @returns {Promise<void>}
     */
    setRawQuery(query: string | Uint8Array): Promise<void>;
    /**
     * Set the query from names and values (string, number, boolean or a list of them), encoded and sorted.
     * Phases: rewrite, access.
     * @param {object} args
     * @returns {Promise<void>}
     */
    setQuery(args: object): Promise<void>;
    /**
     * Remove every occurrence of an argument from the query.
     * Phases: rewrite, access.
     * @param {string | Uint8Array} name
     * @returns {Promise<void>}
     */
    clearQueryArg(name: string | Uint8Array): Promise<void>;
    /**
     * Set the body of the request sent upstream; the length is adjusted.
     * Phases: rewrite, access.
     * @param {string | Uint8Array} body
     * @returns {Promise<void>}
     */
    setRawBody(body: string | Uint8Array): Promise<void>;
    /**
     * Encode the body of the request sent upstream as form, JSON or multipart, by `mimetype` or the Content-Type.
     * Phases: rewrite, access.
     * @param {object} args
     * @param {string | null} [mimetype]
     * @returns {Promise<boolean>}
     */
    setBody(args: object, mimetype?: string | null): Promise<boolean>;
    /**
     * Have the upstream's response read whole before the client gets any of it.
     * Phases: rewrite, access.
     * @returns {Promise<void>}
     */
    enableBuffering(): Promise<void>;
    /**
     * Connect upstream without TLS, in a stream.
     * Phases: preread.
     * Not there yet: TCP and TLS streams are not supported yet.
     * @returns {Promise<boolean>}
     */
    disableTls(): Promise<boolean>;
    /**
     * Connect upstream with TLS, in a stream.
     * Phases: preread.
     * Not there yet: TCP and TLS streams are not supported yet.
     * @returns {Promise<boolean>}
     */
    enableTls(): Promise<boolean>;
    #private;
}
/** The response that came from upstream. */
export class KongServiceResponse {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /**
     * Return the status of the upstream's response, or null if the request was not sent upstream.
     * Phases: response, log, response_headers, response_body.
     * @returns {Promise<number | null>}
     */
    getStatus(): Promise<number | null>;
    /**
     * Return the first value of a header as it came from upstream, or null.
     * Phases: response, log, response_headers, response_body.
     * @param {string | Uint8Array} name
     * @returns {Promise<string | null>}
     */
    getHeader(name: string | Uint8Array): Promise<string | null>;
    /**
     * Return the headers that came from upstream by lower-case name; a repeated header has a list of values.
     * Phases: response, log, response_headers, response_body.
     * @param {number | null} [maxHeaders]
     * @returns {Promise<HeadersRead>}
     */
    getHeaders(maxHeaders?: number | null): Promise<HeadersRead>;
    /**
     * Return the body that came from upstream as bytes; the response must be buffered.
     * Phases: response, log, response_headers, response_body.
     * @returns {Promise<Buffer>}
     */
    getRawBody(): Promise<Buffer>;
    /**
     * Return the body that came from upstream parsed as form, JSON or multipart; the response must be buffered.
     * Phases: response, log, response_headers, response_body.
     * @param {string | null} [mimetype]
     * @param {number | null} [maxArgs]
     * @returns {Promise<any>}
     */
    getBody(mimetype?: string | null, maxArgs?: number | null): Promise<any>;
    #private;
}
/** Frames from the client. */
export class KongWebsocketClient {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /**
     * Return the frame from the client: payload, type (`text`, `binary`, `ping`, `pong`, `close`) and, for a close, its
     * status.
     * Phases: ws_client_frame.
     * Not there yet: WebSocket is not supported yet.
     * @returns {Promise<any[]>}
     */
    getFrame(): Promise<any[]>;
    /**
     * Replace the payload of the frame before it is forwarded.
     * Phases: ws_client_frame.
     * Not there yet: WebSocket is not supported yet.
     * @param {string | Uint8Array} data
     * @returns {Promise<void>}
     */
    setFrameData(data: string | Uint8Array): Promise<void>;
    /**
     * Replace the status of a close frame.
     * Phases: ws_client_frame.
     * Not there yet: WebSocket is not supported yet.
     * @param {number} status
     * @returns {Promise<void>}
     */
    setStatus(status: number): Promise<void>;
    /**
     * Do not forward the frame, and skip the plugins that would still see it.
     * Phases: ws_client_frame.
     * Not there yet: WebSocket is not supported yet.
     * @returns {Promise<void>}
     */
    dropFrame(): Promise<void>;
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
    close(status?: number | null, message?: string | Uint8Array | null, upstreamStatus?: number | null, upstreamPayload?: string | Uint8Array | null): Promise<void>;
    /**
     * Set how many bytes a message from the client may have.
     * Phases: ws_handshake.
     * Not there yet: WebSocket is not supported yet.
     * @param {number} size
     * @returns {Promise<void>}
     */
    setMaxPayloadSize(size: number): Promise<void>;
    #private;
}
/** Frames from upstream. */
export class KongWebsocketUpstream {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /**
     * Return the frame from the upstream: payload, type (`text`, `binary`, `ping`, `pong`, `close`) and, for a close,
     * its status.
     * Phases: ws_upstream_frame.
     * Not there yet: WebSocket is not supported yet.
     * @returns {Promise<any[]>}
     */
    getFrame(): Promise<any[]>;
    /**
     * Replace the payload of the frame before it is forwarded.
     * Phases: ws_upstream_frame.
     * Not there yet: WebSocket is not supported yet.
     * @param {string | Uint8Array} data
     * @returns {Promise<void>}
     */
    setFrameData(data: string | Uint8Array): Promise<void>;
    /**
     * Replace the status of a close frame.
     * Phases: ws_upstream_frame.
     * Not there yet: WebSocket is not supported yet.
     * @param {number} status
     * @returns {Promise<void>}
     */
    setStatus(status: number): Promise<void>;
    /**
     * Do not forward the frame, and skip the plugins that would still see it.
     * Phases: ws_upstream_frame.
     * Not there yet: WebSocket is not supported yet.
     * @returns {Promise<void>}
     */
    dropFrame(): Promise<void>;
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
    close(status?: number | null, message?: string | Uint8Array | null, clientStatus?: number | null, clientPayload?: string | Uint8Array | null): Promise<void>;
    /**
     * Set how many bytes a message from the upstream may have.
     * Phases: ws_handshake.
     * Not there yet: WebSocket is not supported yet.
     * @param {number} size
     * @returns {Promise<void>}
     */
    setMaxPayloadSize(size: number): Promise<void>;
    #private;
}
/** The client: its address, and who it is. */
export class KongClient {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /** @returns {KongClientTls} */
    get tls(): KongClientTls;
    /**
     * Return the address of the peer that is connected, never a forwarded one.
     * @returns {Promise<string>}
     */
    getIp(): Promise<string>;
    /**
     * Return the client's address after the real-ip rules: what a trusted peer says it is.
     * @returns {Promise<string>}
     */
    getForwardedIp(): Promise<string>;
    /**
     * Return the port of the peer that is connected.
     * @returns {Promise<number>}
     */
    getPort(): Promise<number>;
    /**
     * Return the client's port after the real-ip rules, or null if a trusted peer named an address without one.
     * @returns {Promise<number | null>}
     */
    getForwardedPort(): Promise<number | null>;
    /**
     * Load a consumer by id, or with `search_by_username` by name as well, and return it, or null.
     * Phases: all but certificate, rewrite, preread.
     * @param {string} consumerId
     * @param {boolean | null} [searchByUsername]
     * @returns {Promise<Record<string, any> | null>}
     */
    loadConsumer(consumerId: string, searchByUsername?: boolean | null): Promise<Record<string, any> | null>;
    /**
     * Return the authenticated consumer, or null.
     * Phases: all but certificate, rewrite, preread.
     * @returns {Promise<Record<string, any> | null>}
     */
    getConsumer(): Promise<Record<string, any> | null>;
    /**
     * Return the credential the client authenticated with, or null.
     * Phases: all but certificate, rewrite, preread.
     * @returns {Promise<Record<string, any> | null>}
     */
    getCredential(): Promise<Record<string, any> | null>;
    /**
     * Set both the authenticated consumer and the credential; one of them may be null, which clears it.
     * Phases: access.
     * @param {object | null} [consumer]
     * @param {object | null} [credential]
     * @returns {Promise<void>}
     */
    authenticate(consumer?: object | null, credential?: object | null): Promise<void>;
    /**
     * Return the protocol that the route was matched by; with `allow_terminated` a trusted X-Forwarded-Proto counts as
     * https.
     * Phases: all but certificate, rewrite, preread.
     * @param {boolean | null} [allowTerminated]
     * @returns {Promise<string>}
     */
    getProtocol(allowTerminated?: boolean | null): Promise<string>;
    /**
     * Set the consumer groups of a consumer, given by id, as the authenticated ones.
     * Phases: access.
     * @param {string} consumerId
     * @returns {Promise<void>}
     */
    authenticateConsumerGroupByConsumerId(consumerId: string): Promise<void>;
    /**
     * Return the authenticated consumer group, or null.
     * Phases: all but certificate, rewrite, preread.
     * @returns {Promise<Record<string, any> | null>}
     */
    getConsumerGroup(): Promise<Record<string, any> | null>;
    /**
     * Return the authenticated consumer groups, or null.
     * Phases: all but certificate, rewrite, preread.
     * @returns {Promise<any[] | null>}
     */
    getConsumerGroups(): Promise<any[] | null>;
    /**
     * Set the authenticated consumer group; null clears it.
     * Phases: access.
     * @param {object | null} [group]
     * @returns {Promise<void>}
     */
    setAuthenticatedConsumerGroup(group?: object | null): Promise<void>;
    /**
     * Set the authenticated consumer groups; null clears them.
     * Phases: access.
     * @param {readonly unknown[] | null} [groups]
     * @returns {Promise<void>}
     */
    setAuthenticatedConsumerGroups(groups?: readonly unknown[] | null): Promise<void>;
    #private;
}
/** The cluster this node belongs to. */
export class KongCluster {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /**
     * Return the id of the cluster, or null if this node belongs to none.
     * @returns {Promise<string | null>}
     */
    getId(): Promise<string | null>;
    #private;
}
/** Values kept for the time of a request. */
export class KongCtx {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /** @returns {KongCtxPlugin} */
    get plugin(): KongCtxPlugin;
    /** @returns {KongCtxShared} */
    get shared(): KongCtxShared;
    #private;
}
/** Functions of Kong Enterprise. */
export class KongEnterpriseEdition {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /** @returns {KongEnterpriseEditionJwe} */
    get jwe(): KongEnterpriseEditionJwe;
    #private;
}
/** This request on its way through the gateway (ours, not in Kong). */
export class KongExchange {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /**
     * Return the request's id: 32 lower-case hexadecimal digits, the same in logs and headers.
     * Phases: all but certificate.
     * @returns {Promise<string>}
     */
    getId(): Promise<string>;
    /**
     * Return the W3C `traceparent` that this request belongs to, or null.
     * Phases: all but certificate.
     * @returns {Promise<string | null>}
     */
    getTraceContext(): Promise<string | null>;
    /**
     * Return the id of the route that matched, or null.
     * Phases: all but certificate, rewrite, preread.
     * @returns {Promise<string | null>}
     */
    getRouteId(): Promise<string | null>;
    /**
     * Return the id of the route's service, or null.
     * Phases: all but certificate, rewrite, preread.
     * @returns {Promise<string | null>}
     */
    getServiceId(): Promise<string | null>;
    /**
     * Return the id of the authenticated consumer, or null.
     * Phases: all but certificate, rewrite, preread.
     * @returns {Promise<string | null>}
     */
    getConsumerId(): Promise<string | null>;
    /**
     * Return the id of the credential the client authenticated with, or null.
     * Phases: all but certificate, rewrite, preread.
     * @returns {Promise<string | null>}
     */
    getCredentialId(): Promise<string | null>;
    /**
     * Return the server name (SNI) that the client asked for, or null.
     * Not there yet: TLS listeners are not supported yet.
     * @returns {Promise<string | null>}
     */
    getServerName(): Promise<string | null>;
    /**
     * Return the latencies `kong`, `proxy`, `request` and `receive` in milliseconds, as in the log record.
     * Phases: log.
     * @returns {Promise<Record<string, any>>}
     */
    getLatencies(): Promise<Record<string, any>>;
    /**
     * Return `request` and `response`: the bytes received from and sent to the client, heads included.
     * Phases: log.
     * @returns {Promise<Record<string, any>>}
     */
    getSizes(): Promise<Record<string, any>>;
    #private;
}
/** Addresses. */
export class KongIp {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /**
     * Return whether the address is one of the trusted ones.
     * @param {string} address
     * @returns {Promise<boolean>}
     */
    isTrusted(address: string): Promise<boolean>;
    #private;
}
/** Log lines, and the record of the request. Calling `kong.log(...)` itself logs at level notice. */
export class KongLog {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /**
     * Write a log line at level debug; the values are joined without separator.
     * @param {...unknown} values
     * @returns {Promise<void>}
     */
    debug(...values: unknown[]): Promise<void>;
    /**
     * Write a log line at level info; the values are joined without separator.
     * @param {...unknown} values
     * @returns {Promise<void>}
     */
    info(...values: unknown[]): Promise<void>;
    /**
     * Write a log line at level notice; the values are joined without separator.
     * @param {...unknown} values
     * @returns {Promise<void>}
     */
    notice(...values: unknown[]): Promise<void>;
    /**
     * Write a log line at level warn; the values are joined without separator.
     * @param {...unknown} values
     * @returns {Promise<void>}
     */
    warn(...values: unknown[]): Promise<void>;
    /**
     * Write a log line at level err; the values are joined without separator.
     * @param {...unknown} values
     * @returns {Promise<void>}
     */
    err(...values: unknown[]): Promise<void>;
    /**
     * Write a log line at level crit; the values are joined without separator.
     * @param {...unknown} values
     * @returns {Promise<void>}
     */
    crit(...values: unknown[]): Promise<void>;
    /**
     * Write a log line at level alert; the values are joined without separator.
     * @param {...unknown} values
     * @returns {Promise<void>}
     */
    alert(...values: unknown[]): Promise<void>;
    /**
     * Write a warning about something deprecated; a map as last value may hold `after` and `removal`, the versions.
     * @param {...unknown} values
     * @returns {Promise<void>}
     */
    deprecation(...values: unknown[]): Promise<void>;
    /**
     * Write the values pretty-printed, separated by spaces, at level notice: for debugging.
     * @param {...unknown} values
     * @returns {Promise<void>}
     */
    inspect(...values: unknown[]): Promise<void>;
    /**
     * Return the record of this request as JSON text: request, response, latencies, tries, route, service, consumer.
     * Phases: log.
     * @returns {Promise<string>}
     */
    serialize(): Promise<string>;
    /**
     * Set, add or replace a value in the request's record; dots in the key make nested maps, null deletes.
     * Phases: rewrite, access, response, log, response_headers, response_body.
     * @param {string} key
     * @param {unknown} [value]
     * @param {string | null} [mode]
     * @returns {Promise<void>}
     */
    setSerializeValue(key: string, value?: unknown, mode?: string | null): Promise<void>;
    #private;
}
/** What Kong reads from nginx, with the same meaning here. */
export class KongNginx {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /**
     * Return what nginx would have in the variable of that name, or null.
     * Phases: all but certificate.
     * @param {string} name
     * @returns {Promise<string | null>}
     */
    getVar(name: string): Promise<string | null>;
    /**
     * Return the TLS version of the client's connection, such as `TLSv1.3`, or null.
     * @returns {Promise<string | null>}
     */
    getTls1VersionStr(): Promise<string | null>;
    /**
     * Return the value under this key in the request's raw context, or null.
     * Phases: all but certificate.
     * @param {string} key
     * @returns {Promise<any>}
     */
    getCtx(key: string): Promise<any>;
    /**
     * Store a value in the request's raw context; null removes it.
     * Phases: all but certificate.
     * @param {string} key
     * @param {unknown} [value]
     * @returns {Promise<void>}
     */
    setCtx(key: string, value?: unknown): Promise<void>;
    /**
     * Return when the request began, in seconds of Unix time.
     * Phases: all but certificate.
     * @returns {Promise<number>}
     */
    reqStartTime(): Promise<number>;
    /**
     * Return `http`, or `stream` for TCP and TLS streams.
     * @returns {Promise<string>}
     */
    getSubsystem(): Promise<string>;
    /**
     * Return the numbers of connections and requests of this node.
     * @returns {Promise<Record<string, any>>}
     */
    getStatistics(): Promise<Record<string, any>>;
    #private;
}
/** This gateway node. */
export class KongNode {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /**
     * Return the id of this gateway node, a UUID.
     * @returns {Promise<string>}
     */
    getId(): Promise<string>;
    /**
     * Return the host name of this gateway node.
     * @returns {Promise<string>}
     */
    getHostname(): Promise<string>;
    /**
     * Return the memory in use, as numbers of bytes, or as text in the given unit.
     * @param {string | null} [unit]
     * @param {number | null} [scale]
     * @returns {Promise<Record<string, any>>}
     */
    getMemoryStats(unit?: string | null, scale?: number | null): Promise<Record<string, any>>;
    #private;
}
/** The plugin that runs. */
export class KongPlugin {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /**
     * Return the id of the plugin entity whose handler runs.
     * @returns {Promise<string>}
     */
    getId(): Promise<string>;
    #private;
}
/** The client's request, with the changes that plugins made so far. */
export class KongRequest {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /**
     * Return when the request began, in milliseconds of Unix time.
     * Phases: all but certificate, preread.
     * @returns {Promise<number>}
     */
    getStartTime(): Promise<number>;
    /**
     * Return what the route's regular expression captured: `unnamed`, a list with the whole match first, and `named`, a
     * map; both empty without captures.
     * Phases: all but certificate, preread.
     * @returns {Promise<Record<string, any>>}
     */
    getUriCaptures(): Promise<Record<string, any>>;
    /**
     * Return the request's method, in upper case.
     * Phases: all but certificate, preread.
     * @returns {Promise<string>}
     */
    getMethod(): Promise<string>;
    /**
     * Return the scheme of the client's connection: `http` or `https`.
     * Phases: all but certificate, preread.
     * @returns {Promise<string>}
     */
    getScheme(): Promise<string>;
    /**
     * Return the host asked for, in lower case and without port.
     * Phases: all but certificate, preread.
     * @returns {Promise<string>}
     */
    getHost(): Promise<string>;
    /**
     * Return the port of this gateway that the client is connected to.
     * @returns {Promise<number>}
     */
    getPort(): Promise<number>;
    /**
     * Return the normalised path, without query: escapes of unreserved bytes decoded, dot segments and double slashes
     * gone.
     * Phases: all but certificate, preread.
     * @returns {Promise<string>}
     */
    getPath(): Promise<string>;
    /**
     * Return the path as received, without query.
     * Phases: all but certificate, preread.
     * @returns {Promise<string>}
     */
    getRawPath(): Promise<string>;
    /**
     * Return the request target as received: path and query.
     * Phases: all but certificate, preread.
     * @returns {Promise<string>}
     */
    getPathWithQuery(): Promise<string>;
    /**
     * Return the query without its question mark, undecoded; an empty string if there is none.
     * Phases: all but certificate, preread.
     * @returns {Promise<string>}
     */
    getRawQuery(): Promise<string>;
    /**
     * Return the first value of a query argument, true if it has no `=`, null if it is not there.
     * Phases: all but certificate, preread.
     * @param {string | Uint8Array} name
     * @returns {Promise<QueryValue | null>}
     */
    getQueryArg(name: string | Uint8Array): Promise<QueryValue | null>;
    /**
     * Return the query's arguments, decoded: a string, true for a name without `=`, a list for a repeated name.
     * Phases: all but certificate, preread.
     * @param {number | null} [maxArgs]
     * @returns {Promise<Query>}
     */
    getQuery(maxArgs?: number | null): Promise<Query>;
    /**
     * Return the first value of a request header, or null; case does not matter, `_` also finds `-`.
     * Phases: all but certificate, preread.
     * @param {string | Uint8Array} name
     * @returns {Promise<string | null>}
     */
    getHeader(name: string | Uint8Array): Promise<string | null>;
    /**
     * Return the request's headers by lower-case name; a repeated header has a list of values.
     * Phases: all but certificate, preread.
     * @param {number | null} [maxHeaders]
     * @returns {Promise<HeadersRead>}
     */
    getHeaders(maxHeaders?: number | null): Promise<HeadersRead>;
    /**
     * Return the HTTP version of the request: 1, 1.1, 2 or 3.
     * Phases: all but certificate, preread.
     * @returns {Promise<number | null>}
     */
    getHttpVersion(): Promise<number | null>;
    /**
     * Return the scheme a trusted peer says the client used, else that of the connection.
     * Phases: all but certificate, preread.
     * @returns {Promise<string>}
     */
    getForwardedScheme(): Promise<string>;
    /**
     * Return the host a trusted peer says the client asked for, else that of the request.
     * Phases: all but certificate, preread.
     * @returns {Promise<string>}
     */
    getForwardedHost(): Promise<string>;
    /**
     * Return the port a trusted peer says the client is connected to, else this gateway's.
     * Phases: all but certificate, preread.
     * @returns {Promise<number>}
     */
    getForwardedPort(): Promise<number>;
    /**
     * Return the path a trusted peer says the client asked for, else the normalised path.
     * Phases: all but certificate, preread.
     * @returns {Promise<string>}
     */
    getForwardedPath(): Promise<string>;
    /**
     * Return the path prefix a trusted peer says was stripped, else the one the route strips, or null.
     * Phases: all but certificate, preread.
     * @returns {Promise<string | null>}
     */
    getForwardedPrefix(): Promise<string | null>;
    /**
     * Return the request's body as bytes, empty if there is none.
     * Phases: rewrite, access, response.
     * @param {number | null} [maxAllowedFileSize]
     * @returns {Promise<Buffer>}
     */
    getRawBody(maxAllowedFileSize?: number | null): Promise<Buffer>;
    /**
     * Return the request's body parsed as form, JSON or multipart, by `mimetype` or the Content-Type.
     * Phases: rewrite, access, response.
     * @param {string | null} [mimetype]
     * @param {number | null} [maxArgs]
     * @param {number | null} [maxAllowedFileSize]
     * @returns {Promise<any>}
     */
    getBody(mimetype?: string | null, maxArgs?: number | null, maxAllowedFileSize?: number | null): Promise<any>;
    #private;
}
/** The response to the client. */
export class KongResponse {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /**
     * Set a header of the response, replacing every value it had.
     * Phases: rewrite, access, response, response_headers.
     * @param {string | Uint8Array} name
     * @param {HeaderValue} value
     * @returns {Promise<void>}
     */
    setHeader(name: string | Uint8Array, value: HeaderValue): Promise<void>;
    /**
     * Add a header to the response, after those of the same name.
     * Phases: rewrite, access, response, response_headers.
     * @param {string | Uint8Array} name
     * @param {HeaderValue} value
     * @returns {Promise<void>}
     */
    addHeader(name: string | Uint8Array, value: HeaderValue): Promise<void>;
    /**
     * Remove every header of that name from the response.
     * Phases: rewrite, access, response, response_headers.
     * @param {string | Uint8Array} name
     * @returns {Promise<void>}
     */
    clearHeader(name: string | Uint8Array): Promise<void>;
    /**
     * Set several headers of the response; each replaces those of its name, others stay.
     * Phases: rewrite, access, response, response_headers.
     * @param {HeadersToSet} headers
     * @returns {Promise<void>}
     */
    setHeaders(headers: HeadersToSet): Promise<void>;
    /**
     * Set the status of the response.
     * Phases: rewrite, access, response, response_headers.
     * @param {number} status
     * @returns {Promise<void>}
     */
    setStatus(status: number): Promise<void>;
    /**
     * Return the status that the client gets.
     * Phases: response, log, response_headers, response_body.
     * @returns {Promise<number>}
     */
    getStatus(): Promise<number>;
    /**
     * Return the first value of a header of the response to the client, or null.
     * Phases: response, log, response_headers, response_body.
     * @param {string | Uint8Array} name
     * @returns {Promise<string | null>}
     */
    getHeader(name: string | Uint8Array): Promise<string | null>;
    /**
     * Return the headers of the response to the client by lower-case name; a repeated header has a list of values.
     * Phases: response, log, response_headers, response_body.
     * @param {number | null} [maxHeaders]
     * @returns {Promise<HeadersRead>}
     */
    getHeaders(maxHeaders?: number | null): Promise<HeadersRead>;
    /**
     * Return where the response comes from: `service`, `exit` (a plugin answered) or `error`.
     * Phases: response, log, response_headers, response_body.
     * @returns {Promise<string>}
     */
    getSource(): Promise<string>;
    /**
     * End the handler and answer the client with this status, body (a map or list becomes JSON) and headers.
     * Phases: rewrite, access, response, preread, response_headers.
     * @param {number} status
     * @param {string | Uint8Array | object | null} [body]
     * @param {HeadersToSet | null} [headers]
     * @returns {never}
     */
    exit(status: number, body?: string | Uint8Array | object | null, headers?: HeadersToSet | null): never;
    /**
     * End the handler and answer the client with an error page, in a format the client accepts.
     * Phases: rewrite, access, response, response_headers.
     * @param {number} status
     * @param {string | Uint8Array | object | null} [message]
     * @param {HeadersToSet | null} [headers]
     * @returns {never}
     */
    error(status: number, message?: string | Uint8Array | object | null, headers?: HeadersToSet | null): never;
    /**
     * Return the whole body that the client is going to get, as bytes.
     * Phases: response.
     * @returns {Promise<Buffer>}
     */
    getRawBody(): Promise<Buffer>;
    /**
     * Replace the body that the client gets; length, coding, entity tag and digests of the old one are dropped.
     * Phases: response.
     * @param {string | Uint8Array} body
     * @returns {Promise<void>}
     */
    setRawBody(body: string | Uint8Array): Promise<void>;
    #private;
}
/** The route that matched. */
export class KongRouter {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /**
     * Return the route that matched, or null.
     * Phases: all but certificate, rewrite, preread.
     * @returns {Promise<Record<string, any> | null>}
     */
    getRoute(): Promise<Record<string, any> | null>;
    /**
     * Return the service of the route, or null.
     * Phases: all but certificate, rewrite, preread.
     * @returns {Promise<Record<string, any> | null>}
     */
    getService(): Promise<Record<string, any> | null>;
    #private;
}
/** Where and how the request is sent upstream. */
export class KongService {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /** @returns {KongServiceRequest} */
    get request(): KongServiceRequest;
    /** @returns {KongServiceResponse} */
    get response(): KongServiceResponse;
    /**
     * Send the request to the upstream entity of that name; fails if there is none.
     * Phases: access.
     * @param {string} host
     * @returns {Promise<boolean>}
     */
    setUpstream(host: string): Promise<boolean>;
    /**
     * Send the request to this host and port, past the balancer; the Host header sent upstream becomes `host`.
     * Phases: rewrite, access, preread.
     * @param {string} host
     * @param {number} port
     * @returns {Promise<void>}
     */
    setTarget(host: string, port: number): Promise<void>;
    /**
     * Set how often sending upstream is tried again.
     * Phases: access.
     * @param {number} retries
     * @returns {Promise<void>}
     */
    setRetries(retries: number): Promise<void>;
    /**
     * Set the time-outs towards upstream, in milliseconds.
     * Phases: access.
     * @param {number} connectTimeout
     * @param {number} writeTimeout
     * @param {number} readTimeout
     * @returns {Promise<void>}
     */
    setTimeouts(connectTimeout: number, writeTimeout: number, readTimeout: number): Promise<void>;
    /**
     * Turn verification of the upstream's certificate on or off for this request.
     * Phases: rewrite, access, preread.
     * @param {boolean} on
     * @returns {Promise<boolean>}
     */
    setTlsVerify(on: boolean): Promise<boolean>;
    /**
     * Set how long the chain of the upstream's certificate may be.
     * Phases: rewrite, access, preread.
     * @param {number} depth
     * @returns {Promise<boolean>}
     */
    setTlsVerifyDepth(depth: number): Promise<boolean>;
    #private;
}
/** Structured log entries for OpenTelemetry. */
export class KongTelemetry {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
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
    log(pluginName: string, pluginConfig: object, messageType: string, message: unknown, attributes?: object | null): Promise<boolean>;
    #private;
}
/** Spans. */
export class KongTracing {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /**
     * Return the span that is active, or null.
     * Phases: all but certificate, preread.
     * Not there yet: tracing is not supported yet.
     * @returns {Promise<Record<string, any> | null>}
     */
    activeSpan(): Promise<Record<string, any> | null>;
    /**
     * Make a span the active one.
     * Phases: all but certificate, preread.
     * Not there yet: tracing is not supported yet.
     * @param {object} span
     * @returns {Promise<void>}
     */
    setActiveSpan(span: object): Promise<void>;
    /**
     * Start a span and return it.
     * Phases: all but certificate, preread.
     * Not there yet: tracing is not supported yet.
     * @param {string} name
     * @param {object | null} [options]
     * @returns {Promise<Record<string, any>>}
     */
    startSpan(name: string, options?: object | null): Promise<Record<string, any>>;
    /**
     * Make a span without starting it, and return it.
     * Phases: all but certificate, preread.
     * Not there yet: tracing is not supported yet.
     * @param {string} name
     * @param {object | null} [options]
     * @returns {Promise<Record<string, any>>}
     */
    createSpan(name: string, options?: object | null): Promise<Record<string, any>>;
    /**
     * Say whether the spans of this request are kept.
     * Phases: all but certificate, preread.
     * Not there yet: tracing is not supported yet.
     * @param {boolean} shouldSample
     * @returns {Promise<void>}
     */
    setShouldSample(shouldSample: boolean): Promise<void>;
    /**
     * Return whether the spans of this request are kept.
     * Phases: all but certificate, preread.
     * Not there yet: tracing is not supported yet.
     * @param {boolean | null} [parentShouldSample]
     * @param {number | null} [samplingRate]
     * @returns {Promise<boolean>}
     */
    getSamplingDecision(parentShouldSample?: boolean | null, samplingRate?: number | null): Promise<boolean>;
    #private;
}
/** Secrets. */
export class KongVault {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /**
     * Return the secret that a reference such as `{vault://env/token}` points to.
     * @param {string} reference
     * @returns {Promise<string>}
     */
    get(reference: string): Promise<string>;
    /**
     * Return whether the text has the form of a vault reference.
     * @param {string} reference
     * @returns {Promise<boolean>}
     */
    isReference(reference: string): Promise<boolean>;
    /**
     * Return the parts of a vault reference: `name`, `resource`, and if given `key`, `config`, `version`.
     * @param {string} reference
     * @returns {Promise<Record<string, any>>}
     */
    parseReference(reference: string): Promise<Record<string, any>>;
    /**
     * Return a copy of the options in which the fields named in `$refs` are resolved anew.
     * @param {object} options
     * @returns {Promise<Record<string, any>>}
     */
    update(options: object): Promise<Record<string, any>>;
    /**
     * Forget the secrets that this node has cached.
     * @returns {Promise<void>}
     */
    flush(): Promise<void>;
    #private;
}
/** WebSocket frames. */
export class KongWebsocket {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /** @returns {KongWebsocketClient} */
    get client(): KongWebsocketClient;
    /** @returns {KongWebsocketUpstream} */
    get upstream(): KongWebsocketUpstream;
    #private;
}
/** The PDK of one step of an event. What returns something is awaited. */
export class Kong {
    /** @param {Bridge} bridge */
    constructor(bridge: Bridge);
    /**
     * Aborted when the event is over for the gateway: its time is up, or the client has gone. For `fetch` and kin.
     * @returns {AbortSignal}
     */
    get signal(): AbortSignal;
    /** @returns {KongClient} */
    get client(): KongClient;
    /** @returns {KongCluster} */
    get cluster(): KongCluster;
    /** @returns {KongCtx} */
    get ctx(): KongCtx;
    /** @returns {KongEnterpriseEdition} */
    get enterpriseEdition(): KongEnterpriseEdition;
    /** @returns {KongExchange} */
    get exchange(): KongExchange;
    /** @returns {KongIp} */
    get ip(): KongIp;
    /** @returns {CallableKongLog} */
    get log(): CallableKongLog;
    /** @returns {KongNginx} */
    get nginx(): KongNginx;
    /** @returns {KongNode} */
    get node(): KongNode;
    /** @returns {KongPlugin} */
    get plugin(): KongPlugin;
    /** @returns {KongRequest} */
    get request(): KongRequest;
    /** @returns {KongResponse} */
    get response(): KongResponse;
    /** @returns {KongRouter} */
    get router(): KongRouter;
    /** @returns {KongService} */
    get service(): KongService;
    /** @returns {KongTelemetry} */
    get telemetry(): KongTelemetry;
    /** @returns {KongTracing} */
    get tracing(): KongTracing;
    /** @returns {KongVault} */
    get vault(): KongVault;
    /** @returns {KongWebsocket} */
    get websocket(): KongWebsocket;
    #private;
}
export type CallableKongLog = KongLog & ((...values: unknown[]) => Promise<void>);
/**
 * What a header may be set to. An array is one line for each value.
 */
export type HeaderValue = string | number | boolean | Uint8Array | readonly (string | Uint8Array)[];
/**
 * Headers to be set, by name.
 */
export type HeadersToSet = Readonly<Record<string, HeaderValue>>;
/**
 * Headers as read, by lower-case name; a name that occurs again has an array. The object has no prototype.
 */
export type HeadersRead = Record<string, string | string[]>;
/**
 * The value of a query argument; true for a name without `=`.
 */
export type QueryValue = string | true;
/**
 * A query by name; a name that occurs again has an array. The object has no prototype.
 */
export type Query = Record<string, QueryValue | QueryValue[]>;
/**
 * One argument of a PDK function. `minimum`, `maximum`, `oneOf` and `prefix` limit it; `variadic`: any number of these.
 */
export type Arg = {
    name: string;
    type: string;
    optional?: boolean;
    default?: unknown;
    minimum?: number;
    maximum?: number;
    oneOf?: readonly string[];
    prefix?: string;
    variadic?: boolean;
};
/**
 * What one entry of `invalidates` does to facts of `function`. The keys of a change are: the value of its argument
 * `argument`; with `each`, the names in those headers; or `literal`. Without a key every fact of the function goes
 * stale. With a key and without `only`, the facts whose first argument is that key. With `only`, every fact of the
 * function if a key is in `only`. Names of headers are compared folded: ASCII lower case, `_` as `-`.
 */
export type Stale = {
    function: number;
    argument?: number;
    each?: boolean;
    literal?: string;
    only?: readonly string[];
};
/**
 * One PDK function; the fields are described at the top of proto/pdk.toml.
 */
export type PdkFunction = {
    number: number;
    name: string;
    kind: "fact" | "change" | "call" | "outcome" | "log";
    phases: readonly number[];
    result: string;
    args?: readonly Arg[];
    lookup?: readonly [number, string];
    headers?: readonly string[];
    stales?: readonly Stale[];
    write?: readonly [number, number, number];
    outcome?: string;
    logLevel?: string;
    replans?: boolean;
    unavailable?: string;
    external?: boolean;
};
/**
 * What the SDK puts behind the namespaces, one per step of an event. `invoke` does what the function of that number is
 * there for, with all its arguments in order; those that were left out are undefined.
 */
export type Bridge = {
    invoke(number: number, args: readonly unknown[]): any;
    readonly signal: AbortSignal;
};
