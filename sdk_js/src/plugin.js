/** What a plugin is: a class with handlers named for phases, and what the gateway is told about it. */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { PluginError } from './errors.js'
import { keyOf } from './facts.js'
import { PHASE_NAMES, PHASES } from './generated/pdk.js'
import { schemaOf } from './schema.js'
import { BY_NAME, FACT } from './table.js'
import { kindOf } from './values.js'
import { VERSION } from './version.js'

/** @typedef {import('./generated/pdk.js').Kong} Kong */
/** @typedef {import('./facts.js').Key} Key */

/**
 * What is to be sent along with every event: the name of a PDK function, or an array of the name and its arguments.
 * @typedef {string | readonly unknown[]} Need
 */

/**
 * What may stand on a plugin class, or beside it in what its module exports. Kong's spellings count as well.
 * @typedef {{
 *   name?: string, Name?: string, NAME?: string,
 *   version?: string, Version?: string, VERSION?: string,
 *   priority?: number, Priority?: number, PRIORITY?: number,
 *   schema?: object | readonly object[], Schema?: object | readonly object[], SCHEMA?: object | readonly object[],
 *   needs?: readonly Need[] | Record<string, readonly Need[]>,
 *   rerun?: boolean | readonly string[],
 *   documentation?: string,
 * }} Settings
 */

/** @typedef {(new (config: any) => any) & Settings} PluginClass */

/** @typedef {{ number: number, needs: Key[], rerun: boolean }} Phase */

const SERVED = Object.freeze(['certificate', 'rewrite', 'access', 'response', 'log', 'preread'])
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/
const NO_NAMES = new Set(['', 'Plugin', 'KongPlugin', 'default'])
const SOURCE = /\.(?:[cm]?[jt]s|json)$/

/**
 * Base of a plugin, for those who like one: any class with a handler will do. One object per configuration serves all
 * its requests, several at a time. `start` and `stop`, if there are any, run when it begins and ceases to serve.
 *
 * @template [Config=Record<string, any>]
 */
export class Plugin {
  /** @param {Config} config as the gateway checked it, defaults filled in */
  constructor(config) {
    this.config = config
  }
}

/** All that is known of a plugin before it has a configuration. */
export class Declaration {
  /**
   * @param {PluginClass} plugin
   * @param {Settings} settings
   * @param {string} name
   * @param {string | null} folder of its package
   */
  constructor(plugin, settings, name, folder) {
    const pick = picker(plugin, settings)
    const priority = pick(['priority', 'PRIORITY', 'Priority']) ?? 0
    if (!Number.isSafeInteger(priority)) throw new PluginError(`${name}: priority ${priority} is no whole number`)
    this.class = plugin
    this.name = name
    this.version = String(pick(['version', 'VERSION', 'Version']) ?? '0.1.0')
    this.priority = /** @type {number} */ (priority)
    this.schema = schemaOf(pick(['schema', 'SCHEMA', 'Schema']) ?? [], name)
    this.phases = phasesOf(plugin, name, pick(['needs']) ?? [], pick(['rerun']) ?? false)
    this.documentation = String(pick(['documentation']) ?? '')
    this.folder = folder
  }

  /** Return the plugin's entry in WELCOME and in `--dump`. */
  describe() {
    const phases = this.phases.map(({ number, needs, rerun }) => {
      const keys = needs.map((key) => (key.args.length > 0 ? [key.number, ...key.args] : key.number))
      return [PHASE_NAMES[number], { needs: keys, rerun }]
    })
    return {
      name: this.name,
      version: this.version,
      priority: this.priority,
      schema: this.schema,
      phases: Object.fromEntries(phases),
      documentation: this.documentation,
    }
  }
}

/**
 * Read a plugin class. Throws PluginError if it has no handler, or declares something that can't be.
 *
 * @param {unknown} plugin
 * @param {{ settings?: Settings, fallback?: string, folder?: string }} [about] `settings` stand beside the class and go
 *   before its own; `fallback` is its name if it has none
 * @returns {Declaration}
 */
export function declare(plugin, { settings = {}, fallback, folder } = {}) {
  if (typeof plugin !== 'function' || typeof plugin.prototype !== 'object') {
    throw new PluginError(`a plugin is a class with a handler, not ${kindOf(plugin)}`)
  }
  const known = /** @type {PluginClass} */ (plugin)
  const name = settings.name ?? settings.Name ?? settings.NAME ?? ownName(known) ?? fallback ?? hyphenated(plugin.name)
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new PluginError(`the name '${name}' is not lower-case letters, digits, '-', '_', '.' (at most 64)`)
  }
  return new Declaration(known, settings, name, folder ?? null)
}

/**
 * Return a text that changes with the code of the plugins: a hash over the files of their packages, those of their
 * dependencies left out.
 * @param {readonly Declaration[]} declarations
 */
export function buildOf(declarations) {
  const hash = createHash('sha256').update(VERSION)
  const folders = new Set(declarations.map((declaration) => declaration.folder).filter((folder) => folder !== null))
  for (const folder of [...folders].sort())
    for (const file of sources(folder)) hash.update(file).update(readFileSync(file))
  for (const declaration of declarations) hash.update(JSON.stringify(declaration.describe()))
  return hash.digest('hex').slice(0, 16)
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function sources(folder) {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' || entry.name.startsWith('.') ? [] : sources(path)
    return entry.isFile() && SOURCE.test(entry.name) ? [path] : []
  })
}

/**
 * Return what finds a setting under one of several names: beside the class, or on it.
 * @param {PluginClass} plugin
 * @param {Settings} settings
 * @returns {(names: (keyof Settings)[]) => any}
 */
function picker(plugin, settings) {
  return (names) => {
    for (const name of names) if (settings[name] !== undefined) return settings[name]
    for (const name of names) if (plugin[name] !== undefined) return plugin[name]
    return undefined
  }
}

/**
 * Return the name that the author gave the plugin, not the one the language gives each class.
 * @param {PluginClass} plugin
 */
function ownName(plugin) {
  if (plugin.Name !== undefined || plugin.NAME !== undefined) return plugin.Name ?? plugin.NAME
  const own = Object.getOwnPropertyDescriptor(plugin, 'name')
  if (own?.enumerable || own?.get) return plugin.name
  return NO_NAMES.has(plugin.name ?? '') ? undefined : hyphenated(/** @type {string} */ (plugin.name))
}

/** @param {string} name */
function hyphenated(name) {
  return name
    .replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '-')
    .replaceAll('_', '-')
    .toLowerCase()
}

/**
 * @param {PluginClass} plugin
 * @param {string} name
 * @param {readonly Need[] | Record<string, readonly Need[]>} needs
 * @param {boolean | readonly string[]} rerun
 * @returns {Phase[]}
 */
function phasesOf(plugin, name, needs, rerun) {
  /** @type {[readonly Need[], Record<string, readonly Need[]> | null]} */
  const [forAll, byPhase] = Array.isArray(needs) ? [needs, null] : [[], /** @type {any} */ (needs)]
  for (const phase of [...(typeof rerun === 'boolean' ? [] : rerun), ...Object.keys(byPhase ?? {})]) {
    if (!Object.hasOwn(PHASES, phase)) {
      throw new PluginError(`${name}: '${phase}' is no phase; phases are ${SERVED.join(', ')}`)
    }
  }
  const phases = []
  for (const [phase, number] of Object.entries(PHASES)) {
    if (typeof plugin.prototype[phase] !== 'function') continue
    if (!SERVED.includes(phase)) throw new PluginError(`${name}: handlers for ${phase} are not supported yet`)
    phases.push({
      number,
      needs: keysOf(name, byPhase?.[phase] ?? forAll, number, byPhase !== null),
      rerun: typeof rerun === 'boolean' ? rerun : rerun.includes(phase),
    })
  }
  if (phases.length > 0) return phases
  throw new PluginError(`${name} has no handler; name a method for a phase: ${SERVED.join(', ')}`)
}

/**
 * Return needs as keys of facts. Those for all phases are left out where the function can't be used.
 * @param {string} plugin
 * @param {readonly Need[]} needs
 * @param {number} phase
 * @param {boolean} isNamed the needs of this phase
 */
function keysOf(plugin, needs, phase, isNamed) {
  const keys = []
  for (const need of needs) {
    const [name, ...args] = typeof need === 'string' ? [need] : need
    const rule = BY_NAME.get(String(name).startsWith('kong.') ? String(name) : `kong.${name}`)
    if (rule?.kind !== FACT) throw new PluginError(`${plugin}: needs: '${name}' is no PDK function that returns a fact`)
    const key = keyOf(rule, args, 0)
    if (key === null) throw new PluginError(`${plugin}: needs: '${name}' can't be called with ${JSON.stringify(args)}`)
    if (rule.phases & (1 << phase)) keys.push(key)
    else if (isNamed) throw new PluginError(`${plugin}: needs: '${name}' can't be used in ${PHASE_NAMES[phase]}`)
  }
  return keys
}
