/**
 * The conformance plugin in JavaScript: runs the script that a request carries, and writes down what every call gave.
 * What a script is and what becomes of it stands in ../python/conformance.py.
 */

import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const RESULTS = process.env.CONFORMANCE_RESULTS
const decoder = new TextDecoder('utf-8', { fatal: true })

/** `request.get_header` is `kong.request.getHeader`; `log` is `kong.log` itself. */
function call(kong, name, args) {
  const path = name.split('.').map((part) => part.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase()))
  const last = path.pop()
  const owner = path.reduce((object, part) => object[part], kong)
  return owner[last](...args)
}

/** An argument as the script has it, as JavaScript has it. */
function given(value) {
  if (Array.isArray(value)) return value.map(given)
  if (value === null || typeof value !== 'object') return value
  if ('$bin' in value) return Buffer.from(value.$bin, 'hex')
  if ('$times' in value) return value.$times[0].repeat(value.$times[1])
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, given(member)]))
}

/** A result as JSON: bytes, and text that is not UTF-8, are `{"$bin": hex}`. */
function shown(value) {
  if (value === undefined) return null
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Uint8Array) return { $bin: Buffer.from(value).toString('hex') }
  if (typeof value === 'string') return value.isWellFormed() ? value : { $bin: bytesOf(value).toString('hex') }
  if (Array.isArray(value)) return value.map(shown)
  if (value === null || typeof value !== 'object') return value
  const entries = value instanceof Map ? [...value] : Object.entries(value)
  return Object.fromEntries(entries.map(([name, member]) => [name, shown(member)]))
}

/** The bytes of a text in which U+DC80 to U+DCFF stand for bytes that are not UTF-8. */
function bytesOf(text) {
  const pieces = []
  for (const character of text) {
    const code = character.codePointAt(0)
    pieces.push(code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code - 0xdc00]) : Buffer.from(character))
  }
  return Buffer.concat(pieces)
}

async function run(kong, handler) {
  const text = await kong.request.getHeader('x-script')
  const script = text ? JSON.parse(text) : {}
  if (!(handler in script)) return
  const results = []
  try {
    for (const step of script[handler]) {
      if ('raise' in step) throw new Error(step.raise)
      if ('sleep' in step) {
        await sleep(step.sleep * 1000)
        continue
      }
      try {
        results.push({ result: shown(await call(kong, step.call, step.args.map(given))) })
      } catch (error) {
        if (error.name !== 'PdkError') throw error
        results.push({ error: [error.code, error.text] })
      }
    }
  } finally {
    appendFileSync(RESULTS, JSON.stringify({ case: script.case, handler, results }) + '\n')
  }
}

/** For a service: all phases of a routed request. */
class First {
  static name = 'conformance'
  static version = '1.0.0'
  static priority = 100

  access(kong) {
    return run(kong, 'access')
  }

  response(kong) {
    return run(kong, 'response')
  }

  log(kong) {
    return run(kong, 'log')
  }
}

/** Runs behind the first in every phase: sees what that one did. */
class Second {
  static name = 'conformance-second'
  static priority = 50

  access(kong) {
    return run(kong, 'second.access')
  }

  response(kong) {
    return run(kong, 'second.response')
  }

  log(kong) {
    return run(kong, 'second.log')
  }
}

/** For all requests: the phase before a route is known. */
class Early {
  static name = 'conformance-rewrite'
  static priority = 100

  rewrite(kong) {
    return run(kong, 'rewrite')
  }
}

/** Has no response handler, so the response is not buffered. */
class Streaming {
  static name = 'conformance-streaming'
  static priority = 100

  access(kong) {
    return run(kong, 'access')
  }

  log(kong) {
    return run(kong, 'log')
  }
}

export default [First, Second, Early, Streaming]
