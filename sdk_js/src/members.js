/**
 * Several members by hand: `--processes N` starts N servers, each a process of its own with a socket of its own. A
 * member that dies is started again, ever more slowly. stdin of each is a pipe held here: when this process ends,
 * whatever the way, the members notice and drain.
 */

import { spawn } from 'node:child_process'
import { parse, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const FIRST_DELAY = 500 // ms
const LONGEST_DELAY = 30_000
const HEALTHY = 10_000 // ms of life after which a death counts as the first
const GRACE = 35_000 // ms to drain

/**
 * Return a member's own socket path: `/run/plugins.sock` -> `/run/plugins.0.sock`.
 * @param {string} path
 * @param {number} member
 */
export function memberPath(path, member) {
  const { dir, name, ext } = parse(path.replace(/^unix:/, ''))
  return join(dir, `${name}.${member}${ext}`)
}

/**
 * Run `count` members until SIGTERM or SIGINT.
 * @param {string} program this package's executable
 * @param {readonly string[]} args of each member
 * @param {string} path
 * @param {number} count
 * @param {(line: string) => void} report
 */
export async function runMembers(program, args, path, count, report) {
  const stop = new AbortController()
  const onSignal = () => stop.abort()
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  const paths = Array.from({ length: count }, (_, member) => memberPath(path, member))
  process.stdout.write(`${paths.join('\n')}\n`)
  await Promise.all(paths.map((own, member) => keep(program, args, own, member, stop.signal, report)))
  process.off('SIGTERM', onSignal).off('SIGINT', onSignal)
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} path
 * @param {number} member
 * @param {AbortSignal} signal
 * @param {(line: string) => void} report
 */
async function keep(program, args, path, member, signal, report) {
  let delay = FIRST_DELAY
  while (!signal.aborted) {
    const started = performance.now()
    const status = await runOnce(program, args, path, member, signal)
    if (signal.aborted) return
    if (performance.now() - started > HEALTHY) delay = FIRST_DELAY
    report(`member ${member} ended (${status}); it is started again in ${delay / 1000} s`)
    await sleep(delay, undefined, { signal }).catch(() => {})
    delay = Math.min(2 * delay, LONGEST_DELAY)
  }
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} path
 * @param {number} member
 * @param {AbortSignal} signal
 * @returns {Promise<string>} how it ended
 */
function runOnce(program, args, path, member, signal) {
  const env = { ...process.env, OARLOCK_MEMBER: String(member), OARLOCK_LISTEN: `unix:${path}` }
  const child = spawn(process.execPath, [...process.execArgv, program, ...args], {
    env,
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  return new Promise((resolve) => {
    /** @type {NodeJS.Timeout | undefined} */
    let timer
    const onStop = () => {
      child.kill('SIGTERM')
      timer = setTimeout(() => child.kill('SIGKILL'), GRACE)
    }
    const ended = (/** @type {string} */ how) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onStop)
      resolve(how)
    }
    signal.addEventListener('abort', onStop)
    child.once('exit', (code, killedBy) => ended(killedBy ?? `status ${code}`))
    child.once('error', (error) => ended(error.message))
  })
}
