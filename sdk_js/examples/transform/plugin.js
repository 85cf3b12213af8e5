import { Plugin } from 'oarlock-pdk'

/**
 * Reads and changes a JSON body both ways: adds fields to what goes upstream, removes fields from what comes back.
 * @extends {Plugin<{ add: Record<string, string>, remove: string[] }>}
 */
export default class Transform extends Plugin {
  static version = '1.0.0'
  static priority = 800
  static schema = {
    type: 'object',
    properties: {
      add: { type: 'object', additionalProperties: { type: 'string' }, default: {} },
      remove: { type: 'array', items: { type: 'string' }, default: [] },
    },
    required: ['add', 'remove'],
  }
  // the body comes along with the event, up to 64 KiB; a larger one is asked for
  static needs = { access: ['kong.request.get_raw_body'] }

  /** @param {import('oarlock-pdk').Kong} kong */
  async access(kong) {
    const type = await kong.request.getHeader('content-type')
    if (!isJson(type)) return
    const body = parse(await kong.request.getRawBody())
    if (body === undefined) return kong.response.exit(400, { message: 'the body is not a JSON object' })
    await kong.service.request.setRawBody(JSON.stringify({ ...body, ...this.config.add }))
  }

  /** @param {import('oarlock-pdk').Kong} kong */
  async response(kong) {
    if (!isJson(await kong.response.getHeader('content-type'))) return
    const body = parse(await kong.response.getRawBody())
    if (body === undefined) return
    for (const name of this.config.remove) delete body[name]
    await kong.response.setRawBody(JSON.stringify(body))
  }
}

/** @param {string | null} type */
function isJson(type) {
  return /^application\/(?:[^;]+\+)?json\b/i.test(type ?? '')
}

/**
 * Return the object that a body holds, undefined if it is none.
 * @param {Buffer} bytes
 * @returns {Record<string, any> | undefined}
 */
function parse(bytes) {
  try {
    const value = JSON.parse(bytes.toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
