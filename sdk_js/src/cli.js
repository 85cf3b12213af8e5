/** `oarlock-js-pluginserver`, and `serve` for programs that are a plugin server of their own. */

import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { PluginError } from './errors.js'
import { openListener } from './listening.js'
import { runMembers } from './members.js'
import { loadPackages } from './packages.js'
import { declare } from './plugin.js'
import { MAX_EVENTS, Server, serveUntilTold } from './server.js'
import { VERSION } from './version.js'

/** @typedef {import('./plugin.js').Declaration} Declaration */

const PROGRAM = fileURLToPath(new URL('../bin/oarlock-js-pluginserver.js', import.meta.url))
const USAGE = `oarlock-js-pluginserver --plugins DIR [options]

Serve Oarlock plugins written in JavaScript.

  --plugins DIR     folder of packages, or one package: a package.json with "oarlock": { "entry": "./plugin.js" }
  --socket PATH     Unix socket to listen on (default: $OARLOCK_LISTEN)
  --processes N     members to start, each with a socket of its own: PATH with its number before the extension
  --max-events N    handlers at once (default ${MAX_EVENTS})
  --dump            describe the plugins as JSON and end
  --version, --help
`

/**
 * Serve a folder of plugins. Resolves to the exit status.
 * @param {string[]} args
 * @returns {Promise<number>}
 */
export async function main(args) {
  try {
    const options = optionsOf(args)
    if (options.help || options.version) {
      process.stdout.write(options.help ? USAGE : `${VERSION}\n`)
      return 0
    }
    if (options.plugins === undefined) throw new PluginError(`--plugins DIR is needed\n\n${USAGE}`)
    const maxEvents = countOf(options['max-events'], '--max-events', MAX_EVENTS)
    const processes = countOf(options.processes, '--processes', 1)
    if (processes > 1 && !options.dump) {
      if (!options.socket) throw new PluginError('--processes needs --socket PATH, of which each path is made')
      const common = ['--plugins', options.plugins, '--max-events', String(maxEvents)]
      await runMembers(PROGRAM, common, options.socket, processes, report)
      return 0
    }
    const { declarations, failed } = await loadPackages(options.plugins, report)
    if (options.dump) {
      dump(declarations)
      return failed.length > 0 ? 1 : 0
    }
    if (declarations.length === 0) {
      throw new PluginError(`${options.plugins} holds no plugin: a package.json with "oarlock": { "entry": … }`)
    }
    await listen(declarations, options.socket ?? process.env.OARLOCK_LISTEN, maxEvents)
    return 0
  } catch (error) {
    if (!(error instanceof PluginError)) throw error
    report(error.message)
    return 1
  }
}

/**
 * Serve these plugin classes until the gateway lets go, or SIGTERM, and end the process. With `--dump` on the command
 * line the plugins are described instead.
 *
 * @param {import('./plugin.js').PluginClass | readonly import('./plugin.js').PluginClass[]} plugins
 * @param {{ socket?: string, maxEvents?: number }} [options] `socket`: a path to listen on; by default the gateway that
 *   started this program says where. `maxEvents` bounds the handlers that run at once, over all connections
 */
export async function serve(plugins, { socket, maxEvents = MAX_EVENTS } = {}) {
  try {
    const declarations = [plugins].flat().map((plugin) => declare(plugin))
    if (process.argv.includes('--dump')) dump(declarations)
    else await listen(declarations, socket ?? process.env.OARLOCK_LISTEN, maxEvents)
    process.exit(0)
  } catch (error) {
    if (!(error instanceof PluginError)) throw error
    report(error.message)
    process.exit(1)
  }
}

/**
 * @param {readonly Declaration[]} declarations
 * @param {string | undefined} address
 * @param {number} maxEvents
 */
async function listen(declarations, address, maxEvents) {
  if (!address) {
    throw new PluginError("where to listen? Start this from the gateway's settings, or give a socket: --socket PATH")
  }
  const server = new Server(declarations, { maxEvents, report })
  const listener = await openListener(address)
  report(`serves ${declarations.map(({ name, version }) => `${name} ${version}`).join(', ')} on ${address}`)
  await serveUntilTold(server, listener)
}

/** @param {readonly Declaration[]} declarations */
function dump(declarations) {
  const described = declarations.map((declaration) => declaration.describe())
  process.stdout.write(`${JSON.stringify(described, null, 2)}\n`)
}

/** @param {string} line */
function report(line) {
  process.stderr.write(`oarlock-js-pluginserver: ${line}\n`)
}

/** @param {string[]} args */
function optionsOf(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        plugins: { type: 'string' },
        socket: { type: 'string' },
        processes: { type: 'string' },
        'max-events': { type: 'string' },
        dump: { type: 'boolean' },
        version: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    return values
  } catch (error) {
    throw new PluginError(`${/** @type {Error} */ (error).message}\n\n${USAGE}`)
  }
}

/**
 * @param {string | undefined} text
 * @param {string} option
 * @param {number} otherwise
 */
function countOf(text, option, otherwise) {
  const count = text === undefined ? otherwise : Number(text)
  if (!Number.isSafeInteger(count) || count < 1) throw new PluginError(`${option} is a number from 1, not ${text}`)
  return count
}
