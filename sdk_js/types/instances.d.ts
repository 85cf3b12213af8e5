/** @typedef {import('./plugin.js').Declaration} Declaration */
/** A plugin with one configuration, and its handlers by the phase's number. */
export class Instance {
    /**
     * @param {Declaration} declaration
     * @param {any} plugin
     */
    constructor(declaration: Declaration, plugin: any);
    declaration: import("./plugin.js").Declaration;
    plugin: any;
    /** @type {(((kong: import('./generated/pdk.js').Kong) => unknown) | undefined)[]} */
    handlers: (((kong: import("./generated/pdk.js").Kong) => unknown) | undefined)[];
}
/** @typedef {{ place: string, making: Promise<Instance>, users: number }} Slot */
export class Instances {
    /**
     * @param {ReadonlyMap<string, Declaration>} declarations by name
     * @param {(line: string) => void} report where a failing `stop` is told
     */
    constructor(declarations: ReadonlyMap<string, Declaration>, report: (line: string) => void);
    /** How many plugin objects there are. */
    get size(): number;
    /**
     * Return the object for a configuration, made now or by an earlier connection of the same gateway. Rejects with
     * ConfigError if the configuration can't work, now or later, else with what the plugin's constructor or `start` threw.
     *
     * @param {string} node the gateway's id
     * @param {string} plugin
     * @param {string} key
     * @param {Record<string, any>} config
     */
    acquire(node: string, plugin: string, key: string, config: Record<string, any>): Promise<Instance>;
    /**
     * Give up what `acquire` returned; the last one ends the object.
     * @param {Instance} instance
     */
    release(instance: Instance): void;
    /** Wait until the objects given up have ended. */
    close(): Promise<void>;
    #private;
}
export type Declaration = import("./plugin.js").Declaration;
export type Slot = {
    place: string;
    making: Promise<Instance>;
    users: number;
};
