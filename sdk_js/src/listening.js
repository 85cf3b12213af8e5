/** Where a server listens: a socket that the supervisor passed on, or a path of its own. */

import { statSync, unlinkSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { resolve } from 'node:path'

import { PluginError } from './errors.js'

/**
 * Return a listening server for `fd:N`, `unix:/path` or a plain path. Rejects with PluginError if the address can't be
 * used. Who may connect is the file's mode to say, 0600: Node has no way to ask for a peer's uid.
 *
 * @param {string} address
 * @returns {Promise<import('node:net').Server>}
 */
export async function openListener(address) {
  if (address.startsWith('fd:')) return listenOn(address, { fd: Number(address.slice(3)) })
  if (address.includes('://')) {
    throw new PluginError(`${address}: only Unix sockets are supported yet; give unix:/path`)
  }
  const path = resolve(address.replace(/^unix:/, ''))
  if (isSocket(path)) {
    if (await answers(path)) throw new PluginError(`${path}: another server listens there`)
    unlinkSync(path) // left behind by a server that was killed
  }
  const before = process.umask(0o177) // 0600 from the start: there is no moment in which others could connect
  const listening = listenOn(path, { path }) // binds before it returns
  process.umask(before)
  return listening
}

/**
 * @param {string} address
 * @param {import('node:net').ListenOptions & { fd?: number }} where
 * @returns {Promise<import('node:net').Server>}
 */
function listenOn(address, where) {
  const server = createServer({ allowHalfOpen: false })
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new PluginError(`${address}: ${error.message}`)))
    server.listen({ ...where, backlog: 128, exclusive: true }, () => resolve(server))
  })
}

/** @param {string} path */
function isSocket(path) {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() ?? false
}

/**
 * @param {string} path
 * @returns {Promise<boolean>}
 */
function answers(path) {
  return new Promise((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
}
