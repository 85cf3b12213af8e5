/**
 * Return the message in a frame as an array with the type first.
 * @param {Buffer} frame without its length
 * @returns {any[]}
 */
export function decode(frame: Buffer): any[];
/**
 * Return a message as a frame, its length in front. Its values must have passed `plain`.
 * @param {readonly unknown[]} message
 */
export function encode(message: readonly unknown[]): Buffer<ArrayBuffer>;
/** Cuts what a socket delivers into frames, however it was cut on the way. */
export class FrameReader {
    /** @param {number} [maxFrame] bytes, the length in front not counted */
    constructor(maxFrame?: number);
    maxFrame: number;
    /**
     * Return the whole frames there are now, without their length. Throws ProtocolError for a length of 0 or over
     * `maxFrame`, before the frame's body has come; the frames in front of it are in `before`.
     *
     * @param {Buffer} data
     * @param {Buffer[]} [before]
     * @returns {Buffer[]}
     */
    feed(data: Buffer, before?: Buffer[]): Buffer[];
    /** Bytes at the end that are not a whole frame yet. */
    get rest(): number;
    #private;
}
