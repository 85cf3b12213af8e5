/** A question for the gateway, and how to read its answer. */
export class PendingCall {
    /**
     * @param {Bridge} bridge
     * @param {Rule} rule
     * @param {readonly unknown[]} given arguments
     * @param {any[]} args as they go on the wire
     */
    constructor(bridge: Bridge, rule: Rule, given: readonly unknown[], args: any[]);
    number: number;
    args: any[];
    changes: any[][];
    /**
     * Return what the plugin gets for the value of a REPLY; a fact is kept for the next time.
     * @param {any} value
     */
    result(value: any): any;
    #private;
}
/** One step's changes and its outcome, over the facts of its event. */
export class Bridge {
    /**
     * @param {Channel} channel
     * @param {Facts} facts
     * @param {number} phase
     * @param {number} instance its number on the connection
     * @param {number} highest function number that the gateway knows
     */
    constructor(channel: Channel, facts: Facts, phase: number, instance: number, highest: number);
    facts: import("./facts.js").Facts;
    instance: number;
    replans: boolean;
    isOver: boolean;
    /** @type {{ outcome: number, detail: any[] } | null} of kong.response.exit or error */
    outcome: {
        outcome: number;
        detail: any[];
    } | null;
    /** @returns {AbortSignal} */
    get signal(): AbortSignal;
    /** Return the changes that were not sent yet; they are no longer in the queue. */
    takeChanges(): any[][];
    /**
     * Do what a method of the PDK stands for. What fails here and queues something throws at once, so that it can't be
     * lost with a promise that nobody awaits; what returns something rejects.
     *
     * @param {number} number
     * @param {readonly unknown[]} args
     * @returns {Promise<any>}
     */
    invoke(number: number, args: readonly unknown[]): Promise<any>;
    #private;
}
export type Facts = import("./facts.js").Facts;
export type Rule = import("./table.js").Rule;
/**
 * What an event does for its bridges. Log lines below `level` are dropped here; the promise of `call` rejects with
 * PdkError or Gone.
 */
export type Channel = {
    readonly level: number;
    readonly signal: AbortSignal;
    call(call: PendingCall): Promise<any>;
    log(level: number, text: string, fields: Record<string, unknown> | null): void;
};
