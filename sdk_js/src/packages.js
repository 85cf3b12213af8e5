/**
 * Loads plugins: packages, each a directory with a `package.json` that says so:
 *
 *     { "oarlock": { "entry": "./plugin.js" } }
 *
 * The entry may be an ES module, CommonJS, or TypeScript where Node runs it. It exports its plugin as `default` (a
 * class, or an array of classes), several as `plugins`, or as Kong's plugins do: `{ Plugin, Schema, Version, Priority,
 * Name }`. Nothing else is loaded. A plugin that can't be is reported with its stack; the others serve.
 */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

import { PluginError } from './errors.js'
import { describeError } from './failure.js'
import { declare } from './plugin.js'
import { isMap, kindOf } from './values.js'

/** @typedef {import('./plugin.js').Declaration} Declaration */
/** @typedef {{ folder: string, entry: string }} Package */

/**
 * Return the plugins of a folder of packages, or of one package, and the folders of those that could not be loaded.
 * Rejects with PluginError if there is no such folder.
 *
 * @param {string} folder
 * @param {(line: string) => void} report
 * @returns {Promise<{ declarations: Declaration[], failed: string[] }>}
 */
export async function loadPackages(folder, report) {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new PluginError(`${folder} is not a folder`)
  /** @type {Declaration[]} */
  const declarations = []
  const failed = []
  for (const candidate of candidates(resolve(folder))) {
    try {
      const found = packageOf(candidate)
      if (found === null) continue
      for (const declaration of await loadPackage(found)) {
        if (declarations.some((other) => other.name === declaration.name)) {
          throw new PluginError(`a second plugin is called '${declaration.name}'`)
        }
        declarations.push(declaration)
      }
    } catch (error) {
      failed.push(candidate)
      report(`the plugin in ${candidate} was not loaded: ${describeError(error)[1]}`)
    }
  }
  return { declarations, failed }
}

/**
 * @param {Package} found
 * @returns {Promise<Declaration[]>}
 */
async function loadPackage({ folder, entry }) {
  const module = await import(pathToFileURL(entry).href)
  return declarationsOf(module, basename(folder).toLowerCase(), folder)
}

/**
 * Return the plugins that a module exports.
 * @param {Record<string, any>} module
 * @param {string} fallback name of a plugin that has none
 * @param {string} [folder]
 * @returns {Declaration[]}
 */
export function declarationsOf(module, fallback, folder) {
  const exported = module.plugins ?? module.default ?? module
  if (Array.isArray(exported)) return exported.map((plugin) => declare(plugin, { fallback, folder }))
  if (typeof exported === 'function') return [declare(exported, { fallback, folder })]
  if (Array.isArray(exported.plugins)) return declarationsOf({ plugins: exported.plugins }, fallback, folder)
  const { Plugin: plugin, ...settings } = exported
  if (typeof plugin === 'function') return [declare(plugin, { settings, fallback, folder })]
  const names = Object.keys(module).join(', ') || 'nothing'
  throw new PluginError(`it exports ${names}; a plugin is the default export, or in plugins, or Plugin`)
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function candidates(folder) {
  if (packageOf(folder) !== null) return [folder]
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !/^[._]|^node_modules$/.test(entry.name))
    .map((entry) => join(folder, entry.name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory())
    .sort()
}

/**
 * Return the package in a folder; null if there is none that says it is a plugin.
 * @param {string} folder
 * @returns {Package | null}
 */
function packageOf(folder) {
  const file = join(folder, 'package.json')
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return null
  let content
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new PluginError(`${file}: ${/** @type {Error} */ (error).message}`)
  }
  if (!isMap(content) || !('oarlock' in content)) return null
  const entry = /** @type {any} */ (content).oarlock?.entry
  if (typeof entry !== 'string') throw new PluginError(`${file}: oarlock.entry is a path, not ${kindOf(entry)}`)
  return { folder, entry: join(folder, entry) }
}
