import { Plugin } from 'oarlock-pdk'

/**
 * Greets the upstream and the client.
 * @extends {Plugin<{ greeting: string }>}
 */
export default class Hello extends Plugin {
  static version = '1.0.0'
  static priority = 500
  static schema = {
    type: 'object',
    properties: {
      greeting: { type: 'string', minLength: 1, default: 'hello', description: 'What to say.' },
    },
    required: ['greeting'],
  }

  /** @param {import('oarlock-pdk').Kong} kong */
  async access(kong) {
    const user = (await kong.request.getHeader('x-user')) ?? 'stranger'
    await kong.service.request.setHeader('x-greeting', `${this.config.greeting} ${user}`)
    await kong.response.setHeader('x-hello', 'javascript')
  }
}
