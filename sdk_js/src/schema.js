/**
 * A plugin's configuration, declared as JSON Schema or as Kong's list of fields. The gateway speaks Kong's language, so
 * the first is turned into the second; what has no counterpart there is refused rather than forgotten.
 *
 * JSON Schema: `type` (string, integer, number, boolean, array, object; with "null" in a list: may be left out),
 * `properties`, `required`, `default`, `enum`, `const`, `minimum`, `maximum`, `exclusiveMinimum`, `minLength`,
 * `maxLength`, `pattern` (RE2, found anywhere), `items`, `minItems`, `maxItems`, `uniqueItems`, `additionalProperties`
 * (a schema: a map), `format: "uuid"`, `description`, `writeOnly` (a secret: never logged or shown, and may be a vault
 * reference).
 */

import { PluginError } from './errors.js'
import { isMap } from './values.js'

/** @typedef {Record<string, any>} Json */

const WORDS = new Set(['$schema', '$id', '$comment', 'title', 'examples', 'type', 'nullable', 'deprecated', 'readOnly'])
const SCALARS = new Set(['string', 'integer', 'number', 'boolean'])

/**
 * Return Kong's list of fields. Throws PluginError.
 * @param {unknown} declared
 * @param {string} plugin its name, for messages
 * @returns {readonly Json[] | Json}
 */
export function schemaOf(declared, plugin) {
  if (Array.isArray(declared)) {
    for (const field of declared) {
      if (!isMap(field) || Object.keys(field).length !== 1) {
        throw new PluginError(`${plugin}: schema: each field is an object with one key, its name`)
      }
    }
    return declared
  }
  if (!isMap(declared)) throw new PluginError(`${plugin}: schema is neither Kong's list nor JSON Schema`)
  const schema = /** @type {Json} */ (declared)
  if (Array.isArray(schema.fields)) return schema // Kong's whole schema: { name, fields: [{ config: … }] }
  if (schema.type !== 'object')
    throw new PluginError(`${plugin}: schema: JSON Schema of a configuration has type 'object'`)
  return fieldsOf(schema, `${plugin}: schema`)
}

/**
 * @param {Json} schema of type object
 * @param {string} where
 * @returns {Json[]}
 */
function fieldsOf(schema, where) {
  const properties = schema.properties ?? {}
  const required = schema.required ?? []
  for (const name of required) {
    if (!Object.hasOwn(properties, name)) throw new PluginError(`${where}: '${name}' is required, and no property`)
  }
  return Object.entries(properties).map(([name, property]) => {
    const field = fieldOf(property, `${where}.${name}`)
    if (required.includes(name)) field.required = true
    return { [name]: field }
  })
}

/**
 * @param {Json} schema
 * @param {string} where
 * @returns {Json} Kong's definition of a field
 */
function fieldOf(schema, where) {
  const type = typeOf(schema, where)
  /** @type {Json} */
  const field = { type }
  const rest = new Set(Object.keys(schema).filter((key) => !WORDS.has(key)))
  const take = (/** @type {string} */ key) => {
    rest.delete(key)
    return schema[key]
  }
  if (type === 'object') {
    const values = take('additionalProperties')
    const properties = take('properties')
    take('required')
    if (isMap(values)) {
      if (properties) throw new PluginError(`${where}: properties beside a schema for all others can't be told to Kong`)
      Object.assign(field, { type: 'map', keys: { type: 'string' }, values: fieldOf(values, `${where}.*`) })
    } else Object.assign(field, { type: 'record', fields: fieldsOf(schema, where) })
  } else if (type === 'array') {
    field.type = take('uniqueItems') ? 'set' : 'array'
    field.elements = fieldOf(take('items') ?? {}, `${where}[]`)
  } else if (!SCALARS.has(type)) throw new PluginError(`${where}: there is no type '${type}'`)
  for (const [key, name] of Object.entries(RENAMED)) if (rest.has(key)) field[name] = take(key)
  const [low, high] = [take('minimum'), take('maximum')]
  if (low !== undefined || high !== undefined) {
    const limit = type === 'integer' ? Number.MAX_SAFE_INTEGER : Number.MAX_VALUE
    field.between = [low ?? -limit, high ?? limit]
  }
  if (take('writeOnly')) Object.assign(field, { encrypted: true, referenceable: true })
  const format = take('format')
  if (format === 'uuid') field.uuid = true
  else if (format !== undefined) throw new PluginError(`${where}: of formats only 'uuid' can be told to Kong`)
  const [unknown] = rest
  if (unknown !== undefined)
    throw new PluginError(`${where}: '${unknown}' can't be told to Kong; use Kong's list instead`)
  return field
}

const RENAMED = Object.freeze({
  default: 'default',
  description: 'description',
  enum: 'one_of',
  const: 'eq',
  exclusiveMinimum: 'gt',
  minLength: 'len_min',
  maxLength: 'len_max',
  minItems: 'len_min',
  maxItems: 'len_max',
  pattern: 'match',
})

/**
 * @param {Json} schema
 * @param {string} where
 * @returns {string}
 */
function typeOf(schema, where) {
  if (!isMap(schema)) throw new PluginError(`${where}: a schema is an object`)
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter((type) => type !== 'null')
  if (types.length === 1 && typeof types[0] === 'string') return types[0]
  const values = /** @type {unknown[]} */ (schema.enum ?? [schema.const])
  const kinds = new Set(values.map((value) => typeof value))
  const [kind] = kinds
  if (kinds.size === 1 && SCALARS.has(kind)) return kind
  throw new PluginError(`${where}: say of which one type it is`)
}

/**
 * Return a configuration with the defaults of its schema, as the gateway would fill them in.
 * @param {readonly Json[] | Json} fields Kong's list, or its whole schema
 * @param {Json} config
 * @returns {Json}
 */
export function withDefaults(fields, config) {
  const list = Array.isArray(fields) ? fields : configFields(fields)
  const filled = { ...config }
  for (const [name, field] of list.flatMap((/** @type {Json} */ entry) => Object.entries(entry))) {
    if (filled[name] === undefined || filled[name] === null) filled[name] = structuredClone(field.default ?? null)
    const isRecord = field.type === 'record' && Array.isArray(field.fields)
    if (isRecord && filled[name] === null && field.required) filled[name] = {}
    if (isRecord && isMap(filled[name])) filled[name] = withDefaults(field.fields, filled[name])
  }
  return filled
}

/** @param {Json} schema */
function configFields(schema) {
  const config = schema.fields.find((/** @type {Json} */ field) => field.config)
  return config?.config.fields ?? []
}
