/**
 * Read a plugin class. Throws PluginError if it has no handler, or declares something that can't be.
 *
 * @param {unknown} plugin
 * @param {{ settings?: Settings, fallback?: string, folder?: string }} [about] `settings` stand beside the class and go
 *   before its own; `fallback` is its name if it has none
 * @returns {Declaration}
 */
export function declare(plugin: unknown, { settings, fallback, folder }?: {
    settings?: Settings;
    fallback?: string;
    folder?: string;
}): Declaration;
/**
 * Return a text that changes with the code of the plugins: a hash over the files of their packages, those of their
 * dependencies left out.
 * @param {readonly Declaration[]} declarations
 */
export function buildOf(declarations: readonly Declaration[]): string;
/**
 * Base of a plugin, for those who like one: any class with a handler will do. One object per configuration serves all
 * its requests, several at a time. `start` and `stop`, if there are any, run when it begins and ceases to serve.
 *
 * @template [Config=Record<string, any>]
 */
export class Plugin<Config = Record<string, any>> {
    /** @param {Config} config as the gateway checked it, defaults filled in */
    constructor(config: Config);
    config: Config;
}
/** All that is known of a plugin before it has a configuration. */
export class Declaration {
    /**
     * @param {PluginClass} plugin
     * @param {Settings} settings
     * @param {string} name
     * @param {string | null} folder of its package
     */
    constructor(plugin: PluginClass, settings: Settings, name: string, folder: string | null);
    class: PluginClass;
    name: string;
    version: string;
    priority: number;
    schema: import("./schema.js").Json | readonly import("./schema.js").Json[];
    phases: Phase[];
    documentation: string;
    folder: string | null;
    /** Return the plugin's entry in WELCOME and in `--dump`. */
    describe(): {
        name: string;
        version: string;
        priority: number;
        schema: import("./schema.js").Json | readonly import("./schema.js").Json[];
        phases: any;
        documentation: string;
    };
}
export type Kong = import("./generated/pdk.js").Kong;
export type Key = import("./facts.js").Key;
/**
 * What is to be sent along with every event: the name of a PDK function, or an array of the name and its arguments.
 */
export type Need = string | readonly unknown[];
/**
 * What may stand on a plugin class, or beside it in what its module exports. Kong's spellings count as well.
 */
export type Settings = {
    name?: string;
    Name?: string;
    NAME?: string;
    version?: string;
    Version?: string;
    VERSION?: string;
    priority?: number;
    Priority?: number;
    PRIORITY?: number;
    schema?: object | readonly object[];
    Schema?: object | readonly object[];
    SCHEMA?: object | readonly object[];
    needs?: readonly Need[] | Record<string, readonly Need[]>;
    rerun?: boolean | readonly string[];
    documentation?: string;
};
export type PluginClass = (new (config: any) => any) & Settings;
export type Phase = {
    number: number;
    needs: Key[];
    rerun: boolean;
};
