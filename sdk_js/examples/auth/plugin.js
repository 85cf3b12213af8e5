import { Agent, get } from 'node:http'

import { Plugin } from 'oarlock-pdk'

/**
 * Authenticates a client by asking another HTTP service whose token it brings. The service is asked `GET url` with the
 * client's Authorization; 200 with `{ "username": … }` is whose it is, 401, 403 or 404 is nobody's.
 * @extends {Plugin<{ url: string, timeout: number }>}
 */
export default class Auth extends Plugin {
  static version = '1.0.0'
  static priority = 1100
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
    const token = await kong.request.getHeader('authorization')
    /** @type {string | null} */
    let username = null
    try {
      if (token) username = await this.#owner(token, kong.signal)
    } catch (error) {
      kong.log.err('the token service does not answer as it should: ', String(error))
      kong.response.exit(503, { message: 'try again later' })
    }
    const consumer = username && (await kong.client.loadConsumer(username, true))
    if (!consumer) return kong.response.exit(401, { message: 'who are you?' }, { 'www-authenticate': 'Bearer' })
    await kong.client.authenticate(consumer, null)
    await kong.service.request.clearHeader('authorization') // the token is for us, not for the service behind
    await kong.service.request.setHeader('x-consumer-id', consumer.id)
    await kong.service.request.setHeader('x-consumer-username', consumer.username)
  }

  /**
   * @param {string} token as the client sent it
   * @param {AbortSignal} signal of the event: no answer is waited for that nobody needs
   * @returns {Promise<string | null>} whose token it is; rejects when the service can't say
   */
  #owner(token, signal) {
    const { url, timeout } = this.config
    return new Promise((resolve, reject) => {
      const options = { agent: this.#agent, headers: { authorization: token }, timeout, signal }
      const request = get(url, options, (response) => {
        /** @type {Buffer[]} */
        const parts = []
        response.on('data', (part) => parts.push(part)).on('error', reject)
        response.on('end', () => {
          try {
            resolve(owner(response.statusCode, Buffer.concat(parts).toString()))
          } catch (error) {
            reject(error)
          }
        })
      })
      request.on('timeout', () => request.destroy(new Error(`${url} did not answer within ${timeout} ms`)))
      request.on('error', reject)
    })
  }
}

/**
 * @param {number | undefined} status
 * @param {string} body
 * @returns {string | null}
 */
function owner(status, body) {
  if (status === 401 || status === 403 || status === 404) return null
  if (status !== 200) throw new Error(`the token service answered ${status}`)
  const found = JSON.parse(body)
  return typeof found?.username === 'string' ? found.username : null
}
