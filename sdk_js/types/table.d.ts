/**
 * Return the rule of a function that is in the table.
 * @param {number} number
 */
export function ruleOf(number: number): Rule;
/** @typedef {import('./generated/pdk.js').PdkFunction} PdkFunction */
/** @typedef {import('./generated/pdk.js').Stale} Stale */
/**
 * Where a change has names that make facts stale, and which: `exact` functions lose their fact of that name, those in
 * `whole` all their facts when the folded name is the key.
 * @typedef {{
 *   argument: number | undefined, each: boolean, literal: string | undefined, exact: number[], whole: Map<string, number[]>
 * }} Source
 */
export const FACT: 0;
export const CHANGE: 1;
export const CALL: 2;
export const OUTCOME: 3;
export const LOG: 4;
/** How one PDK function behaves at this end. */
export class Rule {
    /** @param {PdkFunction} spec */
    constructor(spec: PdkFunction);
    spec: import("./generated/pdk.js").PdkFunction;
    number: number;
    name: string;
    kind: 0 | 2 | 1 | 3 | 4;
    args: readonly import("./generated/pdk.js").Arg[];
    phases: number;
    isText: boolean;
    isQuery: boolean;
    lookupIn: number;
    lookup: string;
    folds: boolean;
    staleFunctions: number[];
    staleSources: Source[];
    makesStale: boolean;
    write: readonly [number, number, number] | undefined;
    outcome: number;
    level: number;
    replans: boolean;
    available: boolean;
    /**
     * Return the arguments as they go on the wire, without trailing ones that were left out. Throws PdkError `bad_args`.
     * @param {readonly unknown[]} args
     */
    checked(args: readonly unknown[]): any[];
    /**
     * Throw PdkError if it can't be used in a phase, or by a gateway that knows numbers up to `highest` only.
     * @param {number} phase
     * @param {number} highest
     */
    checkUsable(phase: number, highest: number): void;
}
/** @type {ReadonlyMap<string, Rule>} */
export const BY_NAME: ReadonlyMap<string, Rule>;
/** The highest function number this SDK knows. */
export const HIGHEST: number;
export type PdkFunction = import("./generated/pdk.js").PdkFunction;
export type Stale = import("./generated/pdk.js").Stale;
/**
 * Where a change has names that make facts stale, and which: `exact` functions lose their fact of that name, those in
 * `whole` all their facts when the folded name is the key.
 */
export type Source = {
    argument: number | undefined;
    each: boolean;
    literal: string | undefined;
    exact: number[];
    whole: Map<string, number[]>;
};
