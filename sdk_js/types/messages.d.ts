/** @typedef {import('./cursor.js').Cursor} Cursor */
/**
 * What the gateway says of itself. Sizes in bytes, `ping` in ms, `level` the log threshold outside of events; `node` is
 * part of the identity within which plugin objects are shared.
 * @typedef {{
 *   role: string, versions: [number, number], features: Set<string>, node: string, peers: number, maxFrame: number,
 *   window: number, maxCalls: number, pdk: number, ping: number, level: number
 * }} Hello
 */
/** @typedef {{ instance: number, plugin: string, key: string, config: Record<string, any>, name: string | null }} Start */
/**
 * `steps`: instance, budget in ms, instance, budget in ms …
 * @typedef {{ event: number, phase: number, steps: number[], facts: any[][], level: number, flags: number }} EventMessage
 */
/** @typedef {{ call: number, result: any, error: [code: string, text: string] | null }} Reply */
/** @typedef {{ event: number, stream: number, data: Buffer, flags: number }} Chunk */
/**
 * @param {Cursor} cursor
 * @returns {Hello}
 */
export function readHello(cursor: Cursor): Hello;
/**
 * @param {Cursor} cursor
 * @returns {Start}
 */
export function readStart(cursor: Cursor): Start;
/**
 * @param {Cursor} cursor
 * @returns {EventMessage}
 */
export function readEvent(cursor: Cursor): EventMessage;
/**
 * @param {Cursor} cursor
 * @returns {{ event: number, reason: string }}
 */
export function readCancel(cursor: Cursor): {
    event: number;
    reason: string;
};
/**
 * @param {Cursor} cursor
 * @returns {Reply}
 */
export function readReply(cursor: Cursor): Reply;
/**
 * @param {Cursor} cursor
 * @returns {Chunk}
 */
export function readChunk(cursor: Cursor): Chunk;
/**
 * @param {Cursor} cursor
 * @returns {{ event: number, stream: number, count: number }}
 */
export function readWindow(cursor: Cursor): {
    event: number;
    stream: number;
    count: number;
};
/**
 * Read a message that is one id: PING, CLOSE.
 * @param {Cursor} cursor
 * @param {string} what
 */
export function readId(cursor: Cursor, what: string): number;
/**
 * "" as code is an orderly end.
 * @param {Cursor} cursor
 * @returns {{ code: string, text: string }}
 */
export function readDrain(cursor: Cursor): {
    code: string;
    text: string;
};
export const HELLO: 1;
export const WELCOME: 2;
export const PING: 4;
export const PONG: 5;
export const DRAIN: 6;
export const START: 8;
export const STARTED: 9;
export const CLOSE: 10;
export const EVENT: 16;
export const DONE: 17;
export const CANCEL: 18;
export const CALL: 20;
export const REPLY: 21;
export const LOG: 24;
export const CHUNK: 28;
export const WINDOW: 29;
export const NEXT: number;
export const DONE_OK: number;
export const EXIT: number;
export const ERROR_PAGE: number;
export const FAILED: number;
/** Flags of EVENT. */
export const REPORT_READS: 1;
export const IS_RERUN: 2;
/** Flag of CHUNK: the stream's last one. */
export const END: 1;
export type Cursor = import("./cursor.js").Cursor;
/**
 * What the gateway says of itself. Sizes in bytes, `ping` in ms, `level` the log threshold outside of events; `node` is
 * part of the identity within which plugin objects are shared.
 */
export type Hello = {
    role: string;
    versions: [number, number];
    features: Set<string>;
    node: string;
    peers: number;
    maxFrame: number;
    window: number;
    maxCalls: number;
    pdk: number;
    ping: number;
    level: number;
};
export type Start = {
    instance: number;
    plugin: string;
    key: string;
    config: Record<string, any>;
    name: string | null;
};
/**
 * `steps`: instance, budget in ms, instance, budget in ms …
 */
export type EventMessage = {
    event: number;
    phase: number;
    steps: number[];
    facts: any[][];
    level: number;
    flags: number;
};
export type Reply = {
    call: number;
    result: any;
    error: [code: string, text: string] | null;
};
export type Chunk = {
    event: number;
    stream: number;
    data: Buffer;
    flags: number;
};
