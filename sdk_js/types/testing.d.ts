/**
 * Run one handler and return what it did. Rejects with PluginError if the plugin has no handler for the phase, and with
 * whatever the handler throws.
 *
 * @param {import('./plugin.js').PluginClass | { Plugin: import('./plugin.js').PluginClass }} plugin
 * @param {string} phase
 * @param {Options} [options]
 * @returns {Promise<Result>}
 */
export function run(plugin: import("./plugin.js").PluginClass | {
    Plugin: import("./plugin.js").PluginClass;
}, phase: string, options?: Options): Promise<Result>;
export { Exchange } from "./testing-exchange.js";
export type PendingCall = import("./bridge.js").PendingCall;
export type HeadersRead = import("./generated/pdk.js").HeadersRead;
export type Request = import("./testing-exchange.js").Request;
export type Response = import("./testing-exchange.js").Response;
export type Answers = import("./testing-exchange.js").Answers;
/**
 * - `config`: what the schema has defaults for may be left out
 * - `exchange`: goes on with that of an earlier phase in place of a new one made of `request`, `response`, `answers`
 * - `facts`: false sends nothing along, so that the handler has to ask for everything: it must do the same
 * - `signal`: what `kong.signal` is
 */
export type Options = {
    config?: Record<string, any>;
    request?: Request;
    response?: Response;
    answers?: Answers;
    exchange?: Exchange;
    facts?: boolean;
    signal?: AbortSignal;
};
/**
 * What a handler did.
 *
 * - `outcome`: `done`, `exit` or `error_page`; `status`, `body` and `headers` are those of the last two, null for `done`
 * - `requestHeaders`, `responseHeaders`: what goes upstream, and what the client gets, by lower-case name
 * - `changes`: name of the PDK function and its arguments, in order; `calls`: what had to be asked
 * - `exchange`: as the handler left it; give it to the next phase's `run`
 */
export type Result = {
    outcome: "done" | "exit" | "error_page";
    status: number | null;
    body: any;
    headers: Record<string, any>;
    requestHeaders: HeadersRead;
    responseHeaders: HeadersRead;
    changes: [name: string, args: any[]][];
    calls: [name: string, args: any[]][];
    logs: {
        level: string;
        text: string;
    }[];
    exchange: Exchange;
};
import { Exchange } from './testing-exchange.js';
