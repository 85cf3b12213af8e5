/**
 * The event whose handler runs, for what a handler leaves behind: a rejection that nobody handles says here whose it
 * is. It costs 0.8 µs per event (Node 20).
 * @type {AsyncLocalStorage<EventRun>}
 */
export const currentEvent: AsyncLocalStorage<EventRun>;
/** An EVENT from its receipt to its final DONE. */
export class EventRun {
    /**
     * @param {Connection} connection
     * @param {EventMessage} message
     * @param {Step[]} steps
     * @param {number} now ms
     */
    constructor(connection: Connection, message: EventMessage, steps: Step[], now: number);
    id: number;
    level: number;
    isLog: boolean;
    received: number;
    deadline: number;
    /** @type {Incoming | null} */
    incoming: Incoming | null;
    /** The instances of all steps. */
    get instances(): import("./instances.js").Instance[];
    /** Whether it is being ended from outside, but its handler has not. */
    get isEnding(): boolean;
    /**
     * Aborted when the event is over for the gateway.
     * @returns {AbortSignal}
     */
    get signal(): AbortSignal;
    /** Run steps until one has to be waited for, or the last one has ended. */
    run(): void;
    /**
     * End the handler: its signal is aborted, its calls reject with Gone; DONE follows when it has ended.
     * @param {string} code
     * @param {string} text
     * @param {string} [trace]
     */
    end(code: string, text: string, trace?: string): void;
    /** The budget of the step is used up. */
    expire(): void;
    /**
     * A rejection or an exception that nobody in the plugin handles. It is this event's error while the event runs.
     * @param {unknown} error
     * @param {string} what
     */
    unhandled(error: unknown, what: string): void;
    /**
     * Ask the gateway. Rejects with PdkError or Gone.
     * @param {PendingCall} call
     * @returns {Promise<any>}
     */
    call(call: PendingCall): Promise<any>;
    /**
     * @param {number} level
     * @param {string} text
     * @param {Record<string, unknown> | null} fields
     */
    log(level: number, text: string, fields: Record<string, unknown> | null): void;
    /**
     * Hand over a REPLY, and ask what waited for room.
     * @param {Waiter} waiter
     * @param {any} result
     * @param {[code: string, text: string] | null} error
     */
    answer(waiter: Waiter, result: any, error: [code: string, text: string] | null): void;
    /**
     * Take a WINDOW.
     * @param {number} stream
     * @param {number} count
     */
    granted(stream: number, count: number): void;
    #private;
}
export type PendingCall = import("./bridge.js").PendingCall;
export type Connection = import("./connection.js").Connection;
export type Instance = import("./instances.js").Instance;
export type EventMessage = import("./messages.js").EventMessage;
export type Incoming = import("./streams.js").Incoming;
/**
 * An instance with its number on the connection and the time it may take, in ms.
 */
export type Step = {
    number: number;
    instance: Instance;
    budget: number;
};
/**
 * A call that waits for its REPLY, or for room to be sent.
 */
export type Waiter = {
    call: PendingCall;
    resolve: (value: any) => void;
    reject: (error: Error) => void;
    promise: Promise<any>;
};
import { AsyncLocalStorage } from 'node:async_hooks';
