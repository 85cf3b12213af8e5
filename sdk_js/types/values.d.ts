/**
 * Return `value` as the wire would give it back, or the value itself where it can't change any more: containers and
 * bytes are copied, so that a plugin that goes on changing one does not change what was sent. A Map becomes an object,
 * undefined null; undefined fields of an object are left out, as in JSON. `depth`: containers around it in its message.
 *
 * @param {unknown} value
 * @param {number} [depth]
 * @returns {any} throws PdkError `bad_args` when the wire has no such value (a date, a set, NaN, a function …)
 */
export function plain(value: unknown, depth?: number): any;
/**
 * Whether a value is what the protocol calls a map: a plain object, or a Map.
 * @param {unknown} value
 * @returns {value is Record<string, any>}
 */
export function isMap(value: unknown): value is Record<string, any>;
/**
 * Set a field. The name may come from a client: `__proto__` is a name like others.
 * @param {Record<string, any>} map
 * @param {string} key
 * @param {unknown} value
 */
export function put(map: Record<string, any>, key: string, value: unknown): void;
/**
 * Say what a value is, for messages.
 * @param {unknown} value
 */
export function kindOf(value: unknown): string;
/** MessagePack's number for it on the wire. */
export const BLOB_EXTENSION: 1;
/** Stands in a message for a large value that travels in chunks on a stream of its event. */
export class Blob {
    /** @param {number} stream */
    constructor(stream: number);
    stream: number;
}
