/** What a plugin may declare, and what it is told when it may not. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { Plugin, PluginError } from '../src/index.js'
import { buildOf, declare } from '../src/plugin.js'
import { schemaOf, withDefaults } from '../src/schema.js'

/** @param {import('../src/plugin.js').Settings} settings */
const withSettings = (settings) =>
  Object.assign(
    class Some {
      access() {}
    },
    settings,
  )

describe('a name', () => {
  for (const [name, plugin] of /** @type {[string, unknown][]} */ ([
    ['key-auth', class KeyAuth { access() {} }], // prettier-ignore
    ['http-log', class HTTPLog { log() {} }], // prettier-ignore
    ['mine', class Some { static name = 'mine'; access() {} }], // prettier-ignore
    ['kongs', class Some { static Name = 'kongs'; access() {} }], // prettier-ignore
    ['fallback', class Plugin { access() {} }], // prettier-ignore
    ['fallback', (() => class { access() {} })()], // prettier-ignore
  ])) {
    test(`${name} is found`, () => assert.equal(declare(plugin, { fallback: 'fallback' }).name, name))
  }
})

describe('a declaration is refused', () => {
  for (const [why, plugin, text] of /** @type {[string, unknown, RegExp][]} */ ([
    ['that is no class', { access() {} }, /a plugin is a class with a handler, not Object/],
    ['without handler', class Empty {}, /empty has no handler; name a method for a phase: certificate, rewrite/],
    ['with a wrong name', withSettings({ Name: 'No Spaces' }), /the name 'No Spaces'/],
    ['with a priority that is no number', withSettings({ priority: 1.5 }), /priority 1.5 is no whole number/],
    ['with a phase that is none', withSettings({ rerun: ['acces'] }), /'acces' is no phase/],
    [
      'with a need that is no fact',
      withSettings({ needs: ['kong.vault.get'] }),
      /'kong.vault.get' is no PDK function that/,
    ],
    [
      'with a need of another phase',
      withSettings({ needs: { access: ['response.get_status'] } }),
      /can't be used in access/,
    ],
    [
      'with a need that lacks its argument',
      withSettings({ needs: ['request.get_header'] }),
      /can't be called with \[\]/,
    ],
    ['for a phase that no gateway runs', class A { request_body() {} }, /request_body are not supported yet/], // prettier-ignore
    ['with a schema that is neither', withSettings({ schema: { type: 'string' } }), /has type 'object'/],
  ])) {
    test(why, () => assert.throws(() => declare(plugin), { name: 'PluginError', message: text }))
  }
})

test('a handler of a base class counts', () => {
  class Base extends Plugin {
    log() {}
  }
  class Derived extends Base {
    access() {}
  }
  assert.deepEqual(Object.keys(declare(Derived).describe().phases), ['access', 'log'])
})

test('needs of all phases are left out where they can not be', () => {
  class Both {
    static needs = ['response.get_raw_body', ['request.get_header', 'X-A']]
    access() {}
    response() {}
  }
  const { phases } = declare(Both).describe()
  assert.deepEqual([phases.access.needs, phases.response.needs], [[[50, 'x-a']], [71, [50, 'x-a']]])
})

test('the build differs when a declaration does', () => {
  const builds = [1, 1, 2].map((priority) => buildOf([declare(withSettings({ priority }))]))
  assert.equal(builds[0], builds[1])
  assert.notEqual(builds[0], builds[2])
})

describe('JSON Schema becomes the list of Kong', () => {
  /** @param {object} property */
  const fieldOf = (property) => /** @type {any} */ (schemaOf({ type: 'object', properties: { f: property } }, 'p'))[0].f

  for (const [name, property, field] of /** @type {[string, object, object][]} */ ([
    [
      'text',
      { type: 'string', minLength: 1, maxLength: 9, pattern: '^a' },
      { type: 'string', len_min: 1, len_max: 9, match: '^a' },
    ],
    ['a range', { type: 'integer', minimum: 1, maximum: 9 }, { type: 'integer', between: [1, 9] }],
    ['half a range', { type: 'number', minimum: 0 }, { type: 'number', between: [0, Number.MAX_VALUE] }],
    ['greater than', { type: 'number', exclusiveMinimum: 0 }, { type: 'number', gt: 0 }],
    ['a choice', { enum: ['a', 'b'], default: 'a' }, { type: 'string', default: 'a', one_of: ['a', 'b'] }],
    ['what may be null', { type: ['string', 'null'] }, { type: 'string' }],
    ['a secret', { type: 'string', writeOnly: true }, { type: 'string', encrypted: true, referenceable: true }],
    [
      'a list',
      { type: 'array', items: { type: 'integer' }, minItems: 1 },
      { type: 'array', elements: { type: 'integer' }, len_min: 1 },
    ],
    [
      'a set',
      { type: 'array', items: { type: 'string' }, uniqueItems: true },
      { type: 'set', elements: { type: 'string' } },
    ],
    [
      'a map',
      { type: 'object', additionalProperties: { type: 'number' } },
      { type: 'map', keys: { type: 'string' }, values: { type: 'number' } },
    ],
    [
      'a record',
      { type: 'object', properties: { a: { type: 'boolean' } }, required: ['a'], additionalProperties: false },
      { type: 'record', fields: [{ a: { type: 'boolean', required: true } }] },
    ],
  ])) {
    test(name, () => assert.deepEqual(fieldOf(property), field))
  }

  test('or it is said what can not be told', () => {
    assert.throws(
      () => fieldOf({ type: 'string', contentEncoding: 'base64' }),
      /p: schema.f: 'contentEncoding' can't be told/,
    )
    assert.throws(() => fieldOf({ type: 'string', format: 'email' }), /only 'uuid'/)
    assert.throws(() => fieldOf({ type: ['string', 'integer'] }), /say of which one type/)
    assert.throws(() => fieldOf({ type: 'text' }), PluginError)
  })
})

test('defaults are filled in as the gateway does', () => {
  const fields = [
    { a: { type: 'string', default: 'x' } },
    { b: { type: 'record', required: true, fields: [{ c: { type: 'integer', default: 1 } }] } },
    { d: { type: 'record', fields: [{ e: { type: 'integer', default: 1 } }] } },
    { f: { type: 'array', default: [1] } },
  ]
  assert.deepEqual(withDefaults(fields, { f: [] }), { a: 'x', b: { c: 1 }, d: null, f: [] })
})
