#!/usr/bin/env node
import { main } from '../src/cli.js'

// plugins may have left timers and sockets behind: the server's end is the process's
process.exit(await main(process.argv.slice(2)))
