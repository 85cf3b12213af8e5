/**
 * Return the key of a fact, or null if the arguments are not what the table says: the gateway refuses them.
 * @param {Rule} rule
 * @param {readonly unknown[]} args
 * @param {number} instance
 * @returns {Key | null}
 */
export function keyOf(rule: Rule, args: readonly unknown[], instance: number): Key | null;
/**
 * Return a value of the wire as the plugin sees it; a copy, as a plugin may change what it gets.
 * @param {Rule} rule
 * @param {any} value
 * @returns {any}
 */
export function shaped(rule: Rule, value: any): any;
/**
 * Return the first `limit` lines of a block of headers by name; a name that occurs again has an array.
 * @param {string | Uint8Array} block
 * @param {number} [limit]
 * @returns {Record<string, string | string[]>}
 */
export function parseHeaders(block: string | Uint8Array, limit?: number): Record<string, string | string[]>;
/**
 * Return the arguments of a query by name; a name that occurs again has an array.
 * @param {readonly any[]} pairs name, value, name, value …
 * @returns {Record<string, any>}
 */
export function parseQuery(pairs: readonly any[]): Record<string, any>;
/** @typedef {import('./table.js').Rule} Rule */
/**
 * The key of a fact: the number of its function, and its arguments as PROTOCOL.md §4 has them. `id` is the same text
 * for the same key.
 * @typedef {{ id: string | number, number: number, args: readonly unknown[] }} Key
 */
/** Not known here: ask the gateway. */
export const MISSING: unique symbol;
/** The facts of one event, current for the step that runs. */
export class Facts {
    /**
     * @param {readonly (readonly any[])[]} segments
     * @param {boolean} [reportReads]
     */
    constructor(segments: readonly (readonly any[])[], reportReads?: boolean);
    version: number;
    /**
     * Return the value of a PDK function; MISSING if it is absent, stale, or the arguments are not plain ones.
     * @param {Rule} rule
     * @param {readonly unknown[]} args
     * @param {number} instance
     * @returns {any}
     */
    get(rule: Rule, args: readonly unknown[], instance: number): any;
    /**
     * Note what a change, or a call that changes something, does to the facts.
     * @param {Rule} rule
     * @param {readonly any[]} args as they go on the wire
     * @param {number} instance
     */
    change(rule: Rule, args: readonly any[], instance: number): void;
    /**
     * Keep what a call brought, until a change makes it stale.
     * @param {Rule} rule
     * @param {readonly unknown[]} args
     * @param {number} instance
     * @param {unknown} value
     */
    remember(rule: Rule, args: readonly unknown[], instance: number, value: unknown): void;
    /** Return the keys asked for since the last time, as `reads` of DONE has them; null if nobody wants to know. */
    takeReads(): (number | unknown[])[] | null;
    #private;
}
export type Rule = import("./table.js").Rule;
/**
 * The key of a fact: the number of its function, and its arguments as PROTOCOL.md §4 has them. `id` is the same text
 * for the same key.
 */
export type Key = {
    id: string | number;
    number: number;
    args: readonly unknown[];
};
