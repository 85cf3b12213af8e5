/**
 * Checks a PDK function's arguments against the table, where the plugin made the mistake. The gateway checks everything
 * again; what is refused here is refused with the line of the plugin in the stack.
 */

import { inspect } from 'node:util'

import { PdkError } from './errors.js'
import { bytesOfText, textOf } from './text.js'
import { isMap, kindOf, plain } from './values.js'

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
export function checkArguments(name, declared, args) {
  if (args.length > declared.length) {
    throw new PdkError('bad_args', `${name} takes ${declared.length} arguments, not ${args.length}`)
  }
  const checked = []
  for (let place = 0; place < declared.length; place++) {
    const argument = declared[place]
    const value = args[place]
    if (value !== null && value !== undefined) checked.push(convert(name, argument, value))
    else if (argument.optional || argument.type === 'any') checked.push(null)
    else throw bad(name, argument, `${EXPECTED[argument.type]} is needed, not null`)
  }
  let length = checked.length
  while (length > 0 && (checked[length - 1] === null || checked[length - 1] === declared[length - 1].default)) length--
  checked.length = length
  return checked
}

/**
 * @param {string} name
 * @param {Arg} argument
 * @param {unknown} value
 */
function convert(name, argument, value) {
  let converted
  try {
    converted = CONVERT[argument.type](value)
  } catch (error) {
    if (error instanceof PdkError) throw bad(name, argument, error.text)
    throw error
  }
  if (converted === undefined) {
    const shown = inspect(value, { depth: 0, maxStringLength: 60, breakLength: Infinity })
    throw bad(name, argument, `${EXPECTED[argument.type]} is expected, not ${kindOf(value)} (${shown})`)
  }
  const { minimum, maximum, oneOf, prefix } = argument
  if (minimum !== undefined && converted < minimum) {
    throw bad(name, argument, `at least ${minimum} is expected, not ${converted}`)
  }
  if (maximum !== undefined && converted > maximum) {
    throw bad(name, argument, `at most ${maximum} is expected, not ${converted}`)
  }
  if (oneOf && !oneOf.includes(converted)) {
    throw bad(name, argument, `one of ${oneOf.join(', ')} is expected, not ${inspect(converted)}`)
  }
  if (prefix !== undefined && !String(textOf(converted)).startsWith(prefix)) {
    throw bad(name, argument, `it must start with ${inspect(prefix)}, and is ${inspect(textOf(converted))}`)
  }
  return converted
}

/**
 * @param {string} name
 * @param {Arg} argument
 * @param {string} text
 */
function bad(name, argument, text) {
  return new PdkError('bad_args', `${name}: ${argument.name}: ${text}`)
}

/** @type {Record<string, string>} */
const EXPECTED = {
  string: 'text',
  text: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  map: 'an object',
  array: 'an array',
  headers: 'an object of header names and values',
  header_value: 'text, a number, a boolean or an array of texts',
  body: 'text or bytes',
  content: 'text, bytes, an object or an array',
  any: 'a value',
}

/**
 * Each returns the value for the wire, or undefined if it is of another kind.
 * @type {Record<string, (value: any) => any>}
 */
const CONVERT = {
  string: text,
  text,
  integer: (value) =>
    (typeof value === 'number' && Number.isInteger(value)) || typeof value === 'bigint' ? plain(value) : undefined,
  number: (value) => (typeof value === 'number' || typeof value === 'bigint' ? plain(value) : undefined),
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  map: (value) => (isMap(value) ? plain(value) : undefined),
  array: (value) => (Array.isArray(value) ? plain(value) : undefined),
  headers,
  header_value: headerValue,
  body: (value) => {
    if (typeof value === 'string') return bytesOfText(plain(value))
    return isBytes(value) ? plain(value) : undefined
  },
  content: (value) =>
    typeof value === 'string' || isBytes(value) || Array.isArray(value) || isMap(value) ? plain(value) : undefined,
  any: (value) => plain(value),
}

/** @param {unknown} value */
function text(value) {
  if (typeof value === 'string') return plain(value)
  // bytes that are UTF-8 are a str on the wire, others a bin
  return value instanceof Uint8Array ? plain(textOf(value)) : undefined
}

/** @param {unknown} value */
function headerValue(value) {
  if (Array.isArray(value)) {
    const lines = value.map(text)
    return lines.includes(undefined) ? undefined : lines
  }
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint'
    ? plain(value)
    : text(value)
}

/** @param {unknown} value */
function headers(value) {
  if (!isMap(value)) return undefined
  const flat = []
  for (const [name, content] of value instanceof Map ? value : Object.entries(value)) {
    const line = [text(name), content === null || content === undefined ? undefined : headerValue(content)]
    if (line.includes(undefined)) return undefined
    flat.push(...line)
  }
  return flat
}

/** @param {unknown} value */
function isBytes(value) {
  return value instanceof Uint8Array || value instanceof ArrayBuffer
}
