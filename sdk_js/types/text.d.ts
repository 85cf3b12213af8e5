/**
 * Return bytes as a string; those that are not UTF-8 are escaped.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function textOfBytes(bytes: Uint8Array): string;
/**
 * Return a text as JavaScript has it; what is no bytes stays as it is.
 * @param {unknown} value
 * @returns {any}
 */
export function textOf(value: unknown): any;
/**
 * Return the bytes of a string, those escaped as they were. The string must have passed `isText`.
 * @param {string} text
 * @returns {Buffer}
 */
export function bytesOfText(text: string): Buffer;
/**
 * Whether a string can travel: lone surrogates are escapes of bytes, no others.
 * @param {string} text
 */
export function isText(text: string): boolean;
/**
 * Return a text that UTF-8 can hold, for people to read: lone surrogates are written as escapes.
 * @param {string} text
 */
export function clean(text: string): string;
/**
 * Lower-case the ASCII letters of a header's name; others are bytes of an unknown charset.
 * @param {string} name
 */
export function lower(name: string): string;
