/** Reads one message, value by value. Everything throws ProtocolError for what oarlock/1 forbids. */
export class Cursor {
    /** @param {Buffer} frame */
    constructor(frame: Buffer);
    type: number;
    left: number;
    /** Whether there is a field, and it is not nil; a nil is read. */
    has(): boolean;
    /** Read the next field, whatever it is. */
    value(): any;
    /**
     * Read the next field, an integer from `lowest` up; a float is none, even a whole one.
     * @param {string} what
     * @param {number} [lowest]
     * @param {number} [highest]
     * @returns {number}
     */
    integer(what: string, lowest?: number, highest?: number): number;
    /** Read what is left, fields of the future; the message must end with them. */
    end(): void;
    #private;
}
