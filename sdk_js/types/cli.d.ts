/**
 * Serve a folder of plugins. Resolves to the exit status.
 * @param {string[]} args
 * @returns {Promise<number>}
 */
export function main(args: string[]): Promise<number>;
/**
 * Serve these plugin classes until the gateway lets go, or SIGTERM, and end the process. With `--dump` on the command
 * line the plugins are described instead.
 *
 * @param {import('./plugin.js').PluginClass | readonly import('./plugin.js').PluginClass[]} plugins
 * @param {{ socket?: string, maxEvents?: number }} [options] `socket`: a path to listen on; by default the gateway that
 *   started this program says where. `maxEvents` bounds the handlers that run at once, over all connections
 */
export function serve(plugins: import("./plugin.js").PluginClass | readonly import("./plugin.js").PluginClass[], { socket, maxEvents }?: {
    socket?: string;
    maxEvents?: number;
}): Promise<void>;
export type Declaration = import("./plugin.js").Declaration;
