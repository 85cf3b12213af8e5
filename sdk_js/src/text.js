/**
 * Text as HTTP has it: mostly UTF-8, now and then other bytes. A byte that is not part of UTF-8 becomes U+DC80 to
 * U+DCFF, as Python's `surrogateescape` does it, and such a string goes back as the same bytes. Node itself would turn
 * a lone surrogate into `efbfbd` without a word, so everything that is written is looked at first.
 */

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/**
 * Return bytes as a string; those that are not UTF-8 are escaped.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function textOfBytes(bytes) {
  try {
    return strict.decode(bytes)
  } catch {
    return escaped(bytes)
  }
}

/**
 * Return a text as JavaScript has it; what is no bytes stays as it is.
 * @param {unknown} value
 * @returns {any}
 */
export function textOf(value) {
  return value instanceof Uint8Array ? textOfBytes(value) : value
}

/**
 * Return the bytes of a string, those escaped as they were. The string must have passed `isText`.
 * @param {string} text
 * @returns {Buffer}
 */
export function bytesOfText(text) {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8')
  const parts = []
  let start = 0
  for (let place = nextEscape(text, 0); place >= 0; place = nextEscape(text, start)) {
    parts.push(Buffer.from(text.slice(start, place), 'utf8'), Buffer.of(text.charCodeAt(place) & 0xff))
    start = place + 1
  }
  parts.push(Buffer.from(text.slice(start), 'utf8'))
  return Buffer.concat(parts)
}

/**
 * Whether a string can travel: lone surrogates are escapes of bytes, no others.
 * @param {string} text
 */
export function isText(text) {
  if (text.isWellFormed()) return true
  let start = 0
  for (let place = nextEscape(text, 0); place >= 0; place = nextEscape(text, start)) {
    const unit = text.charCodeAt(place)
    if (unit < 0xdc80 || unit > 0xdcff) return false
    start = place + 1
  }
  return true
}

/**
 * Return a text that UTF-8 can hold, for people to read: lone surrogates are written as escapes.
 * @param {string} text
 */
export function clean(text) {
  if (text.isWellFormed()) return text
  const written = (/** @type {string} */ unit) => `\\u${unit.charCodeAt(0).toString(16)}`
  return text.replace(new RegExp(LONE_SURROGATE, 'g'), written)
}

/**
 * Lower-case the ASCII letters of a header's name; others are bytes of an unknown charset.
 * @param {string} name
 */
export function lower(name) {
  for (let place = 0; place < name.length; place++) {
    const unit = name.charCodeAt(place)
    if (unit > 0x7f) return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
    if (unit >= 0x41 && unit <= 0x5a) return lowerFrom(name, place)
  }
  return name
}

/**
 * @param {string} name
 * @param {number} place
 */
function lowerFrom(name, place) {
  for (let rest = place; rest < name.length; rest++) {
    if (name.charCodeAt(rest) > 0x7f) return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
  }
  return name.toLowerCase()
}

/**
 * @param {string} text
 * @param {number} start
 */
function nextEscape(text, start) {
  const place = text.slice(start).search(LONE_SURROGATE)
  return place < 0 ? -1 : start + place
}

/** @param {Uint8Array} bytes */
function escaped(bytes) {
  const parts = []
  let start = 0
  for (let place = 0; place < bytes.length; ) {
    const size = sequence(bytes, place)
    if (size > 0) {
      place += size
      continue
    }
    if (place > start) parts.push(strict.decode(bytes.subarray(start, place)))
    parts.push(String.fromCharCode(0xdc00 + bytes[place]))
    start = ++place
  }
  if (start < bytes.length) parts.push(strict.decode(bytes.subarray(start)))
  return parts.join('')
}

/**
 * Return how many bytes the well-formed UTF-8 sequence at `place` has, 0 if there is none (RFC 3629 §4).
 * @param {Uint8Array} bytes
 * @param {number} place
 */
function sequence(bytes, place) {
  const head = bytes[place]
  if (head < 0x80) return 1
  const size =
    head >= 0xc2 && head <= 0xdf ? 2 : head >= 0xe0 && head <= 0xef ? 3 : head >= 0xf0 && head <= 0xf4 ? 4 : 0
  if (size === 0 || place + size > bytes.length) return 0
  const second = bytes[place + 1]
  const lowest = head === 0xe0 ? 0xa0 : head === 0xf0 ? 0x90 : 0x80
  const highest = head === 0xed ? 0x9f : head === 0xf4 ? 0x8f : 0xbf
  if (second < lowest || second > highest) return 0
  for (let rest = 2; rest < size; rest++) if ((bytes[place + rest] & 0xc0) !== 0x80) return 0
  return size
}
