/**
 * Return Kong's list of fields. Throws PluginError.
 * @param {unknown} declared
 * @param {string} plugin its name, for messages
 * @returns {readonly Json[] | Json}
 */
export function schemaOf(declared: unknown, plugin: string): readonly Json[] | Json;
/**
 * Return a configuration with the defaults of its schema, as the gateway would fill them in.
 * @param {readonly Json[] | Json} fields Kong's list, or its whole schema
 * @param {Json} config
 * @returns {Json}
 */
export function withDefaults(fields: readonly Json[] | Json, config: Json): Json;
export type Json = Record<string, any>;
