export class Outbox {
    /** @param {import('node:net').Socket} socket */
    constructor(socket: import("node:net").Socket);
    /** @type {number | null} since when the socket has not taken what it was given, ms; null: it has */
    stuckSince: number | null;
    /**
     * Send a message with others of this turn; after the end of the connection it is dropped. With `limit`, a message of
     * more bytes is not sent. Returns the size of its frame, without the length.
     * @param {readonly unknown[]} message
     * @param {number} [limit]
     */
    write(message: readonly unknown[], limit?: number): number;
    /**
     * Send a LOG message now, or queue it behind what waits; of too many the oldest go and are counted.
     * @param {unknown[]} message
     */
    writeLog(message: unknown[]): void;
    /** Hand what has gathered to the socket. */
    flush(): void;
    /** Drop what is left; the socket is closed by its owner. */
    close(): void;
    #private;
}
