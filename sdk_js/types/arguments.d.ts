/** @typedef {import('./generated/pdk.js').Arg} Arg */
/**
 * Return `args` as they go on the wire: checked, copied, trailing ones cut that are null or have their default. Throws
 * PdkError `bad_args`, naming function and argument.
 *
 * @param {string} name of the function
 * @param {readonly Arg[]} declared
 * @param {readonly unknown[]} args
 * @returns {any[]}
 */
export function checkArguments(name: string, declared: readonly Arg[], args: readonly unknown[]): any[];
export type Arg = import("./generated/pdk.js").Arg;
