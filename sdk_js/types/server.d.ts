/**
 * Run a server; SIGTERM, SIGINT and, if somebody manages this process, the end of stdin drain it.
 * @param {Server} server
 * @param {import('node:net').Server} listener
 */
export function serveUntilTold(server: Server, listener: import("node:net").Server): Promise<void>;
/** @typedef {import('./plugin.js').Declaration} Declaration */
/** Handlers at once, over all connections. */
export const MAX_EVENTS: 256;
export class Server {
    /**
     * @param {readonly Declaration[]} declarations
     * @param {{ maxEvents?: number, report?: (line: string) => void }} [options] `report` takes what the operator should
     *   know; by default it goes to standard error
     */
    constructor(declarations: readonly Declaration[], { maxEvents, report }?: {
        maxEvents?: number;
        report?: (line: string) => void;
    });
    report: (line: string) => void;
    deadlines: Deadlines;
    instances: Instances;
    isDraining: boolean;
    /**
     * Serve until drained.
     * @param {import('node:net').Server} listener that listens; it is closed at the end
     */
    run(listener: import("node:net").Server): Promise<void>;
    /** Take no new work; `run` ends when the gateways have left, or after the grace. The second time: at once. */
    drain(): void;
    /**
     * Return how many events, and log events, each of `peers` connections may have here at once.
     * @param {number} peers
     */
    credits(peers: number): {
        events: number;
        logEvents: number;
    };
    /**
     * Return the map of WELCOME.
     * @param {number} version
     * @param {readonly string[]} features
     * @param {{ events: number, logEvents: number }} credits
     */
    welcome(version: number, features: readonly string[], credits: {
        events: number;
        logEvents: number;
    }): {
        version: number;
        features: readonly string[];
        server: {
            name: string;
            pid: number;
            member: number;
            language: string;
            sdk: string;
            build: string;
        };
        plugins: {
            name: string;
            version: string;
            priority: number;
            schema: import("./schema.js").Json | readonly import("./schema.js").Json[];
            phases: any;
            documentation: string;
        }[];
        limits: {
            max_frame: number;
            window: number;
            max_events: number;
            max_log_events: number;
        };
        pdk: number;
    };
    /**
     * A connection has ended.
     * @param {Connection} connection
     */
    closed(connection: Connection): void;
    #private;
}
export type Declaration = import("./plugin.js").Declaration;
import { Deadlines } from './deadlines.js';
import { Instances } from './instances.js';
import { Connection } from './connection.js';
