import { Agent, get } from 'node:http'

import { Plugin } from 'oarlock-pdk'

/**
 * Asks another HTTP service who the bearer of a token is, and turns away who is nobody. The service gets the token and
 * answers 200 with `{ "id": …, "username": … }`, or anything else for "no".
 * @extends {Plugin<{ url: string, timeout: number }>}
 */
export default class Auth extends Plugin {
  static version = '1.0.0'
  static priority = 1000
  static schema = {
    type: 'object',
    properties: {
      url: { type: 'string', pattern: '^http://', description: 'Where to ask.' },
      timeout: { type: 'integer', minimum: 1, maximum: 60000, default: 1000, description: 'Milliseconds.' },
    },
    required: ['url', 'timeout'],
  }

  // connections are kept from one request to the next, and closed with this object
  #agent = new Agent({ keepAlive: true, maxSockets: 100 })

  stop() {
    this.#agent.destroy()
  }

  /** @param {import('oarlock-pdk').Kong} kong */
  async access(kong) {
    const header = await kong.request.getHeader('authorization')
    const [, token] = /^bearer +(\S+)$/i.exec(header ?? '') ?? []
    if (token === undefined) return kong.response.exit(401, { message: 'a bearer token is needed' })
    const user = await this.#ask(token, kong.signal)
    if (user === null)
      return kong.response.exit(401, { message: 'the token is not valid' }, { 'www-authenticate': 'Bearer' })
    await kong.client.authenticate(user, { id: token })
    await kong.service.request.setHeader('x-consumer-id', user.id)
    await kong.service.request.setHeader('x-consumer-username', user.username)
    await kong.service.request.clearHeader('authorization')
  }

  /**
   * @param {string} token
   * @param {AbortSignal} signal of the event: no answer is waited for that nobody needs
   * @returns {Promise<{ id: string, username: string } | null>}
   */
  #ask(token, signal) {
    const { url, timeout } = this.config
    const headers = { authorization: `Bearer ${token}` }
    return new Promise((resolve, reject) => {
      const request = get(url, { agent: this.#agent, headers, timeout, signal }, (response) => {
        /** @type {Buffer[]} */
        const parts = []
        response.on('data', (part) => parts.push(part)).on('error', reject)
        response.on('end', () => {
          if (response.statusCode !== 200) resolve(null)
          else resolve(JSON.parse(Buffer.concat(parts).toString()))
        })
      })
      request.on('timeout', () => request.destroy(new Error(`${url} did not answer within ${timeout} ms`)))
      request.on('error', reject)
    })
  }
}
