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
    constructor(request?: Request, response?: Response, answers?: Answers);
    request: {
        body: Buffer<ArrayBuffer>;
        method: string;
        path: string;
        query: string;
        headers: HeadersToSet;
        scheme: string;
        host: string;
        port: number;
        clientIp: string;
        clientPort: number;
    };
    response: {
        body: Buffer<ArrayBuffer>;
        status: number;
        headers: HeadersToSet;
    };
    answers: Answers;
    method: string;
    path: string;
    query: string;
    body: Buffer<ArrayBuffer>;
    /** @type {Lines} */
    requestHeaders: Lines;
    responseStatus: number;
    responseHeaders: Lines;
    responseBody: Buffer<ArrayBuffer>;
    /** @type {Record<string, any>} */
    shared: Record<string, any>;
    /** @type {Record<number, Record<string, any>>} by instance */
    pluginCtx: Record<number, Record<string, any>>;
    /** @type {Record<string, any> | null} */
    consumer: Record<string, any> | null;
    /** @type {Record<string, any> | null} */
    credential: Record<string, any> | null;
    /** Return all that changes can change, for `restore`. */
    record(): {
        method: string;
        path: string;
        query: string;
        responseStatus: number;
        body: Buffer<ArrayBuffer>;
        responseBody: Buffer<ArrayBuffer>;
        requestHeaders: Lines;
        responseHeaders: Lines;
        shared: Record<string, any>;
        pluginCtx: Record<number, Record<string, any>>;
        consumer: Record<string, any> | null;
        credential: Record<string, any> | null;
    };
    /**
     * Undo every change since `record`.
     * @param {ReturnType<Exchange['record']>} record
     */
    restore(record: ReturnType<Exchange["record"]>): void;
    /**
     * Return what a gateway sends along by default, as one segment of an EVENT.
     * @param {number} phase
     */
    facts(phase: number): any[];
    /**
     * Return the result of a PDK function, as the wire has it. Throws PdkError.
     * @param {string} name
     * @param {any[]} args
     * @param {number} instance
     * @returns {any}
     */
    call(name: string, args: any[], instance: number): any;
    /**
     * Execute a change. Those that only the gateway itself sees are accepted and do nothing.
     * @param {string} name
     * @param {any[]} args
     * @param {number} instance
     */
    apply(name: string, args: any[], instance: number): void;
}
export type HeadersToSet = import("./generated/pdk.js").HeadersToSet;
/**
 * What the client sent. `query` is without question mark.
 */
export type Request = {
    method?: string;
    path?: string;
    query?: string;
    headers?: HeadersToSet;
    body?: string | Uint8Array;
    scheme?: string;
    host?: string;
    port?: number;
    clientIp?: string;
    clientPort?: number;
};
/**
 * what came from upstream
 */
export type Response = {
    status?: number;
    headers?: HeadersToSet;
    body?: string | Uint8Array;
};
/**
 * Names of PDK functions (`kong.client.load_consumer`) and what they answer: a value, or a function of their arguments
 * that returns it or throws PdkError.
 */
export type Answers = Record<string, unknown>;
/**
 * names in lower case
 */
export type Lines = [name: string, value: string][];
