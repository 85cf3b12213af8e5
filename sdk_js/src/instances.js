/** Plugin objects, one per configuration: made for all connections that ask for the same, ended when none is left. */

import { encode } from './codec.js'
import { ConfigError } from './errors.js'
import { describeError } from './failure.js'
import { PHASE_NAMES } from './generated/pdk.js'
import { isMap, plain } from './values.js'

/** @typedef {import('./plugin.js').Declaration} Declaration */

/** A plugin with one configuration, and its handlers by the phase's number. */
export class Instance {
  /**
   * @param {Declaration} declaration
   * @param {any} plugin
   */
  constructor(declaration, plugin) {
    this.declaration = declaration
    this.plugin = plugin
    /** @type {(((kong: import('./generated/pdk.js').Kong) => unknown) | undefined)[]} */
    this.handlers = []
    for (const { number } of declaration.phases) this.handlers[number] = plugin[PHASE_NAMES[number]]
  }
}

/** @typedef {{ place: string, making: Promise<Instance>, users: number }} Slot */

export class Instances {
  #declarations
  #report
  /** @type {Map<string, Slot>} */
  #slots = new Map()
  /** @type {Map<Instance, Slot>} */
  #slotOf = new Map()
  /** @type {Set<Promise<void>>} */
  #ending = new Set()

  /**
   * @param {ReadonlyMap<string, Declaration>} declarations by name
   * @param {(line: string) => void} report where a failing `stop` is told
   */
  constructor(declarations, report) {
    this.#declarations = declarations
    this.#report = report
  }

  /** How many plugin objects there are. */
  get size() {
    return this.#slots.size
  }

  /**
   * Return the object for a configuration, made now or by an earlier connection of the same gateway. Rejects with
   * ConfigError if the configuration can't work, now or later, else with what the plugin's constructor or `start` threw.
   *
   * @param {string} node the gateway's id
   * @param {string} plugin
   * @param {string} key
   * @param {Record<string, any>} config
   */
  async acquire(node, plugin, key, config) {
    const declaration = this.#declarations.get(plugin)
    if (declaration === undefined) {
      const known = [...this.#declarations.keys()].join(', ') || 'none'
      throw new ConfigError(`there is no plugin '${plugin}' here; there are ${known}`)
    }
    const place = encode([0, node, plugin, key, sorted(config)]).toString('latin1')
    let slot = this.#slots.get(place)
    if (slot === undefined) {
      slot = { place, making: make(declaration, config), users: 0 }
      this.#slots.set(place, slot)
    }
    slot.users++
    try {
      const instance = await slot.making
      this.#slotOf.set(instance, slot)
      return instance
    } catch (error) {
      if (this.#slots.get(place) === slot) this.#slots.delete(place)
      throw error
    }
  }

  /**
   * Give up what `acquire` returned; the last one ends the object.
   * @param {Instance} instance
   */
  release(instance) {
    const slot = /** @type {Slot} */ (this.#slotOf.get(instance))
    if (--slot.users > 0) return
    this.#slots.delete(slot.place)
    this.#slotOf.delete(instance)
    const end = this.#end(instance).finally(() => this.#ending.delete(end))
    this.#ending.add(end)
  }

  /** Wait until the objects given up have ended. */
  async close() {
    await Promise.all(this.#ending)
  }

  /** @param {Instance} instance */
  async #end(instance) {
    try {
      await instance.plugin.stop?.()
    } catch (error) {
      this.#report(`plugin ${instance.declaration.name}: stop failed: ${describeError(error)[1]}`)
    }
  }
}

/**
 * @param {Declaration} declaration
 * @param {Record<string, any>} config
 */
async function make(declaration, config) {
  const plugin = new declaration.class(plain(config))
  await plugin.start?.()
  return new Instance(declaration, plugin)
}

/**
 * @param {any} value
 * @returns {any}
 */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isMap(value)) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}
