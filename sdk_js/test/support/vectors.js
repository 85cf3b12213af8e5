/** The vectors of proto/vectors, and their JSON as the values it stands for. */

import { readFileSync } from 'node:fs'

import { Blob } from '../../src/values.js'

/**
 * @param {string} name
 * @param {string} key
 * @returns {any[]}
 */
export function load(name, key) {
  return JSON.parse(readFileSync(new URL(`../../../proto/vectors/${name}`, import.meta.url), 'utf8'))[key]
}

/**
 * @param {any} data
 * @returns {any}
 */
export function valueOf(data) {
  if (Array.isArray(data)) return data.map(valueOf)
  if (typeof data !== 'object' || data === null) return data
  const [[key, inner] = [], ...others] = Object.entries(data)
  if (others.length === 0) {
    if (key === '$bin') return Buffer.from(inner, 'hex')
    if (key === '$blob') return new Blob(inner)
    if (key === '$float') return inner
    if (key === '$int') return Number.isSafeInteger(Number(inner)) ? Number(inner) : BigInt(inner)
  }
  return Object.fromEntries(Object.entries(data).map(([name, item]) => [name, valueOf(item)]))
}
