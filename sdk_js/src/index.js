/**
 * Write Oarlock plugins in JavaScript.
 *
 *     export default class Hello {
 *       async access(kong) {
 *         await kong.service.request.setHeader('x-hello', 'world')
 *       }
 *     }
 *
 * `plugin.js` says what a plugin may declare, `generated/pdk.js` holds every PDK function, `testing.js` runs a handler
 * without a gateway.
 */

export { serve } from './cli.js'
export { ConfigError, Ended, Gone, OarlockError, PdkError, PluginError } from './errors.js'
export { Kong } from './generated/pdk.js'
export { Plugin } from './plugin.js'
export { VERSION } from './version.js'

/** @typedef {import('./generated/pdk.js').HeaderValue} HeaderValue */
/** @typedef {import('./generated/pdk.js').HeadersRead} HeadersRead */
/** @typedef {import('./generated/pdk.js').HeadersToSet} HeadersToSet */
/** @typedef {import('./generated/pdk.js').Query} Query */
/** @typedef {import('./generated/pdk.js').QueryValue} QueryValue */
/** @typedef {import('./plugin.js').Need} Need */
/** @typedef {import('./plugin.js').PluginClass} PluginClass */
