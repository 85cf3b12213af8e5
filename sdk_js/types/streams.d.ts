/** What one event still has to send, in order: streams, and messages that are made when their turn comes. */
export class Outgoing {
    /**
     * @param {number} event
     * @param {number} window bytes that the peer takes on each stream to begin with
     */
    constructor(event: number, window: number);
    get isEmpty(): boolean;
    /**
     * Return `value` with all bytes over 64 KiB in it replaced by references to the streams that carry them. Text stays:
     * a blob stands for bytes, and where any value may stand the receiver could not tell.
     * @param {any} value
     * @returns {any}
     */
    extract(value: any): any;
    /**
     * Have the message that `build` returns sent behind everything that waits.
     * @param {() => unknown[]} build
     */
    append(build: () => unknown[]): void;
    /**
     * Take note that the peer takes `count` more bytes on a stream.
     * @param {number} number
     * @param {number} count
     */
    grant(number: number, count: number): void;
    /** Yield the messages that may go now. */
    take(): Generator<unknown[], void, unknown>;
    #private;
}
/** Values that arrive for one event, each until the message that refers to it. */
export class Incoming {
    /**
     * @param {number} event
     * @param {number} limit bytes of all values together
     */
    constructor(event: number, limit: number);
    /**
     * Take a chunk; return a WINDOW message if the peer should get more room. Throws ProtocolError for more than was
     * granted, or a stream that can't be.
     * @param {number} number
     * @param {Buffer} data
     * @param {number} flags
     * @returns {unknown[] | null}
     */
    add(number: number, data: Buffer, flags: number): unknown[] | null;
    /**
     * Return `value` with the references in it replaced by what came on their streams.
     * @param {any} value
     * @returns {any}
     */
    resolve(value: any): any;
    #private;
}
