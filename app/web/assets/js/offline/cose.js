/** The proof in a QR code: read strictly, as `app/credentials/rules/cose.py` reads it. A `Refused` says why it is none of ours. */
import { readCbor, Tag } from './cbor.js'
import { readDigits } from './digits.js'

const PATH = '/v'
const LONGEST_ADDRESS = 2000
const LONGEST_COSE = 700
const LONGEST_TEXT = 200
/** How many claims each version has; the second adds what a level is called, where that is not its national name. */
const PLACES = [null, 12, 13]
const SIGN1 = 18
const ALG = 1
const KID = 4
const ES256 = -7
const SIGNATURE = 64
const SHORT = 8
const CODE = 16
const FIRST_DAY = 8035
const LAST_DAY = 376199
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const KINDS = [null, 'course_completion', 'exam_pass', 'capability', 'title', 'credit_report', 'accreditation', 'continuing_education']
export const LEVELS = [null, 'junior', 'intermediate', 'senior']
const LEVEL = /^[a-z][a-z0-9-]{1,39}$/
// Controls, separators, marks without a width, halves of pairs: what no name on paper holds.
const HIDDEN = /[\u0000-\u001f\u007f-\u00a0\u00ad\u0600-\u0605\u061c\u06dd\u070f\u08e2\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ud800-\udfff\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u

export class Refused extends Error {
  constructor(code) {
    super(code)
    this.code = code
  }
}

/** The COSE_Sign1 in the text of a QR code, an address or its digits alone. */
export function readAddress(text) {
  const given = text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
  if ([...given].length > LONGEST_ADDRESS) throw new Refused('qr-too-long')
  const mark = given.indexOf('#')
  const head = given.slice(0, mark < 0 ? 0 : mark)
  if (mark >= 0 && !(/^https?:\/\//.test(head) && head.endsWith(PATH))) throw new Refused('qr-not-ours')
  const bytes = readDigits(given.slice(mark + 1))
  if (!bytes) throw new Refused(mark < 0 ? 'qr-not-ours' : 'qr-damaged')
  return bytes
}

/** Key id, claims, signature, and the bytes under the signature (RFC 9052 section 4.4). */
export function readCose(bytes) {
  if (bytes.length > LONGEST_COSE) throw new Refused('qr-too-long')
  const tagged = decode(bytes, 'qr-not-cose')
  if (!(tagged instanceof Tag) || tagged.number !== SIGN1 || !Array.isArray(tagged.value) || tagged.value.length !== 4) throw new Refused('qr-not-cose')
  const [head, open, claims, signature] = tagged.value
  if (![head, claims, signature].every((part) => part instanceof Uint8Array) || !(open instanceof Map)) throw new Refused('qr-not-cose')
  if (open.size > 0 || signature.length !== SIGNATURE) throw new Refused('qr-header')
  return { kid: hex(readKid(head)), claims, signature, signed: signedBytes(head, claims) }
}

function readKid(head) {
  const header = decode(head, 'qr-header')
  if (!(header instanceof Map) || header.size !== 2 || !header.has(ALG) || !header.has(KID)) throw new Refused('qr-header')
  if (header.get(ALG) !== ES256) throw new Refused('qr-algorithm')
  const kid = header.get(KID)
  if (!(kid instanceof Uint8Array) || kid.length !== SHORT) throw new Refused('qr-header')
  return kid
}

/** What the signature stands over: the list of the context, the protected header, no outer data, and the claims. */
export function signedBytes(head, claims) {
  const context = new TextEncoder().encode('Signature1')
  return Uint8Array.from([0x84, 0x60 + context.length, ...context, ...byteString(head), 0x40, ...byteString(claims)])
}

function byteString(bytes) {
  const { length } = bytes
  const head = length < 24 ? [0x40 + length] : length < 256 ? [0x58, length] : [0x59, length >> 8, length & 255]
  return [...head, ...bytes]
}

/** The entries that the claims hold, each in its place, in range and in its one spelling. */
export function readClaims(bytes) {
  const found = decode(bytes, 'qr-claims')
  if (!Array.isArray(found) || !Number.isInteger(found[0])) throw new Refused('qr-claims')
  if (!PLACES[found[0]]) throw new Refused('qr-version')
  if (found.length !== PLACES[found[0]]) throw new Refused('qr-claims')
  const [, code, issuer, holder, kind, level, number, start, end, listed, index, hours, name] = found
  const facts = {
    code: readCode(code),
    issuer: hex(readBytes(issuer, SHORT)),
    holder: readText(holder),
    kind: KINDS[readNumber(kind, 1, KINDS.length - 1)],
    level: readLevel(level),
    number: number === null ? null : readText(number),
    validFrom: readNumber(start, FIRST_DAY, LAST_DAY),
    validUntil: end === null ? null : readNumber(end, FIRST_DAY, LAST_DAY),
    list: readCode(listed),
    index: readNumber(index, 0, 2 ** 31 - 1),
    hours: hours === null ? null : readNumber(hours, 0, 10 ** 7),
    levelName: name === undefined ? null : readText(name),
  }
  if (facts.levelName !== null && !LEVEL.test(facts.level ?? '')) throw new Refused('qr-claims')
  if (facts.validUntil !== null && facts.validUntil < facts.validFrom) throw new Refused('qr-claims')
  return facts
}

function decode(bytes, code) {
  try {
    return readCbor(bytes)
  } catch {
    throw new Refused(code)
  }
}

function readNumber(value, least, most) {
  if (!Number.isInteger(value) || value < least || value > most) throw new Refused('qr-claims')
  return value
}

function readBytes(value, length) {
  if (!(value instanceof Uint8Array) || value.length !== length) throw new Refused('qr-claims')
  return value
}

function readText(value) {
  if (typeof value !== 'string' || value === '' || [...value].length > LONGEST_TEXT) throw new Refused('qr-claims')
  if (value.startsWith(' ') || value.endsWith(' ') || HIDDEN.test(value) || value.normalize('NFC') !== value) throw new Refused('qr-claims')
  return value
}

function readLevel(value) {
  if (value === null) return null
  if (typeof value === 'number') return LEVELS[readNumber(value, 1, LEVELS.length - 1)]
  const text = readText(value)
  if (LEVELS.includes(text)) throw new Refused('qr-claims')
  return text
}

/** A code of 26 letters, each of five bits, from its 16 bytes: read from the end, where the last letter stands. */
function readCode(value) {
  let letters = ''
  let held = 0
  let bits = 0
  for (const byte of [...readBytes(value, CODE)].reverse()) {
    held |= byte << bits
    bits += 8
    for (; bits >= 5; bits -= 5) {
      letters = ALPHABET[held & 31] + letters
      held >>= 5
    }
  }
  return ALPHABET[held] + letters
}

function hex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
