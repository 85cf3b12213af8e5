/** A growing buffer of whole frames. */
export class Writer {
    /** @param {number} size bytes to begin with */
    constructor(size: number);
    /** Bytes written and not taken yet. */
    get length(): number;
    /** Return what was written; the buffer goes with it. */
    take(): Buffer<ArrayBuffer>;
    /** Return what was written without giving the buffer away; for a socket that has sent it when it returns. */
    peek(): Buffer<ArrayBuffer>;
    /** Begin anew in the same buffer. */
    clear(): void;
    /**
     * Take back what was written behind `length`.
     * @param {number} length
     */
    truncate(length: number): void;
    /** @param {Uint8Array} bytes whole frames */
    append(bytes: Uint8Array): void;
    /**
     * Write a message as a frame and return the frame's size without its length.
     * @param {readonly unknown[]} message
     */
    message(message: readonly unknown[]): number;
    #private;
}
