/** @typedef {import('./plugin.js').Declaration} Declaration */
/** @typedef {{ folder: string, entry: string }} Package */
/**
 * Return the plugins of a folder of packages, or of one package, and the folders of those that could not be loaded.
 * Rejects with PluginError if there is no such folder.
 *
 * @param {string} folder
 * @param {(line: string) => void} report
 * @returns {Promise<{ declarations: Declaration[], failed: string[] }>}
 */
export function loadPackages(folder: string, report: (line: string) => void): Promise<{
    declarations: Declaration[];
    failed: string[];
}>;
/**
 * Return the plugins that a module exports.
 * @param {Record<string, any>} module
 * @param {string} fallback name of a plugin that has none
 * @param {string} [folder]
 * @returns {Declaration[]}
 */
export function declarationsOf(module: Record<string, any>, fallback: string, folder?: string): Declaration[];
export type Declaration = import("./plugin.js").Declaration;
export type Package = {
    folder: string;
    entry: string;
};
