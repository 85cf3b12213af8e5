/** @typedef {'opening' | 'open' | 'draining' | 'closed'} State */
export class Connection {
    /**
     * @param {import('./server.js').Server} server
     * @param {import('node:net').Socket} socket
     */
    constructor(server: import("./server.js").Server, socket: import("node:net").Socket);
    deadlines: import("./deadlines.js").Deadlines;
    outbox: Outbox;
    /** @type {Set<string>} agreed with the gateway */
    features: Set<string>;
    /** @type {Hello} */
    hello: Hello;
    lastCall: number;
    /** @type {Map<number, { event: EventRun, waiter: Waiter }>} */
    asked: Map<number, {
        event: EventRun;
        waiter: Waiter;
    }>;
    /** Take no new work; the gateway closes when what runs has ended. */
    drain(): void;
    /** End the connection: its events are ended, its instances go when the last handler has let them go. */
    close(): void;
    /**
     * Write a log line of an event that has ended, or of none (0).
     * @param {number} event
     * @param {string} level
     * @param {string} text
     */
    log(event: number, level: string, text: string): void;
    /**
     * Forget an event; its final DONE leaves.
     * @param {EventRun} event
     */
    ended(event: EventRun): void;
    #private;
}
export type Step = import("./event.js").Step;
export type Waiter = import("./event.js").Waiter;
export type Instance = import("./instances.js").Instance;
export type Hello = import("./messages.js").Hello;
export type State = "opening" | "open" | "draining" | "closed";
import { Outbox } from './outbox.js';
import { EventRun } from './event.js';
