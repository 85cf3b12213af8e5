/** What a handler threw, as text and stack for the gateway's log. */

import { inspect } from 'node:util'

import { clean } from './text.js'

const TEXT_LIMIT = 1024 // characters
const TRACE_LIMIT = 16 * 1024
const HERE = new URL('.', import.meta.url).href
const CAUSES = 5

/**
 * Return a line and a stack, without the frames of this package.
 * @param {unknown} error whatever was thrown: not always an Error
 * @returns {[text: string, trace: string]}
 */
export function describeError(error) {
  try {
    return describe(error)
  } catch {
    return ['thrown: a value that can not be shown', ''] // its own code failed: a getter, toString, a proxy
  }
}

/**
 * @param {unknown} error
 * @returns {[text: string, trace: string]}
 */
function describe(error) {
  if (!(error instanceof Error)) {
    const text = clean(`thrown: ${typeof error === 'string' ? error : inspect(error)}`).slice(0, TEXT_LIMIT)
    return [text, text]
  }
  const parts = []
  let cause = /** @type {unknown} */ (error)
  for (let count = 0; cause !== undefined && cause !== null && count <= CAUSES; count++) {
    const stack = cause instanceof Error ? (cause.stack ?? String(cause)) : inspect(cause)
    parts.push((count > 0 ? 'caused by: ' : '') + ofPlugin(stack))
    cause = cause instanceof Error ? cause.cause : undefined
  }
  const text = clean(String(error)).slice(0, TEXT_LIMIT)
  return [text, clean(parts.join('\n')).slice(0, TRACE_LIMIT)]
}

/** @param {string} stack */
function ofPlugin(stack) {
  return stack
    .split('\n')
    .filter((line) => !line.includes(HERE) && !/\bnode:(internal|async_hooks)/.test(line))
    .join('\n')
}
