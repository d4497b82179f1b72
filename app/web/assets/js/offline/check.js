/**
 * What the proof in a QR code is worth: check by check, as `app/credentials/rules/qr_check.py` does it. What is missing
 * stays *unchecked*, what cannot be decided is *unknown*, and neither is ever *valid*.
 */
import { LEVELS, readAddress, readClaims, readCose } from './cose.js'

const HOUR = 3600 * 1000
const DAY = 24 * HOUR
/** Days of certificates are days in China, which keeps one time all year. */
const AHEAD = 8 * HOUR
const RECENT = HOUR
/** How old a status list may be, as the server last said; without its word thirty days. */
export const freshOf = (trust) => (trust.days ?? 30) * DAY
export const NAMES = ['format', 'shape', 'signature', 'authority', 'validity', 'revocation', 'suspension', 'log']
const DECISIVE = ['signature', 'validity', 'revocation']
const LISTS = {
  revocation: { missing: 'no-status-list', found: 'revoked-by-list', clear: 'not-revoked-by-list' },
  suspension: { missing: 'no-suspension-list', found: 'suspended-by-list', clear: 'not-suspended-by-list' },
}

/**
 * Check the text of a QR code at an instant in milliseconds. `trust` is what /v/trust.json says, `verify(key, signature,
 * signed)` resolves with whether a P-256 key signed, `fresh` is how old a status list may be, null for any age.
 */
export async function checkQr(text, { trust, at, verify, fresh = freshOf(trust) }) {
  const asOf = instant(trust.at)
  const now = Math.max(at, asOf ?? at)
  let sealed
  let facts = null
  try {
    sealed = readCose(readAddress(text))
  } catch (error) {
    return verdict([failed('format', error)])
  }
  const checks = [passed('format', 'qr-good')]
  try {
    facts = readClaims(sealed.claims)
  } catch (error) {
    return verdict([...checks, failed('shape', error)])
  }
  checks.push(passed('shape', 'shape-good'))
  const body = trust.bodies.find((one) => one.id === facts.issuer) ?? null
  const signature = await checkSignature(sealed, body, { trust, asOf, now, verify })
  checks.push(signature, checkAuthority(facts, body))
  if (signature.result === 'pass') checks.push(checkValidity(facts, now), ...checkLists(facts, body, { trust, asOf, now, fresh }))
  return verdict(checks, facts, body)
}

function verdict(made, facts = null, body = null) {
  const checks = NAMES.map((name) => made.find((one) => one.name === name) ?? check(name, 'unchecked', 'earlier-check'))
  const isFailed = checks.some((one) => one.result === 'fail')
  const isValid = !isFailed && DECISIVE.every((name) => checks.find((one) => one.name === name).result === 'pass')
  return { checks, facts, body, failed: isFailed, valid: isValid }
}

const check = (name, result, code, on = null) => ({ name, result, code, on })
const passed = (name, code, on = null) => check(name, 'pass', code, on)
const instant = (text) => (text ? Date.parse(text) : null)
const firstInstant = (day) => day * DAY - AHEAD

function failed(name, error) {
  if (!error.code) throw error
  return check(name, 'fail', error.code)
}

async function checkSignature(sealed, body, { trust, asOf, now, verify }) {
  if (!body) return check('signature', 'unknown', 'issuer-unknown')
  const named = trust.keys.filter((one) => one.kid === sealed.kid)
  if (named.length === 0) return keyUnknown(asOf, now)
  const own = named.filter((one) => one.did === body.did)
  if (own.length === 0) return check('signature', 'fail', 'controller-is-another')
  if (own.some((one) => one.revoked)) return check('signature', 'fail', 'key-revoked')
  for (const key of own) {
    if (await verify(key, sealed.signature, sealed.signed)) return passed('signature', 'signature-good')
  }
  return check('signature', 'fail', 'signature-wrong')
}

/** A key that nobody has, told apart from one that may have been made after this device last asked. */
function keyUnknown(asOf, now) {
  if (asOf !== null && now - asOf > RECENT) return check('signature', 'unknown', 'key-newer', asOf)
  return check('signature', 'fail', 'key-unknown')
}

function checkAuthority(facts, body) {
  if (!body) return check('authority', 'unknown', 'issuer-unknown')
  if (!body.vouched) return check('authority', 'unchecked', 'authority-offline')
  const closed = instant(body.closed)
  if (closed !== null && firstInstant(facts.validFrom) > closed) return checkEnded(body, closed)
  if (!body.scopes) return passed('authority', 'issuer-ours')
  const found = body.scopes.map((scope) => checkScope(facts, scope))
  return found.find((one) => one.result === 'pass') ?? found.pop() ?? check('authority', 'fail', 'scope-none')
}

/** That the authority of a body had ended, or that nothing which it issued since a day is trusted, and why. */
function checkEnded(body, closed) {
  if (!body.distrusted) return check('authority', 'fail', 'issuer-closed', closed)
  return { ...check('authority', 'fail', 'issuer-distrusted', instant(body.distrusted)), reason: body.reason }
}

/** Whether a delegation covered the certificate on its first valid day. */
function checkScope(facts, scope) {
  const begins = firstInstant(facts.validFrom)
  const [from, until] = [instant(scope.from), instant(scope.until)]
  if (!scope.kinds.includes(facts.kind)) return check('authority', 'fail', 'scope-kind')
  const isOfLevel = facts.levelName !== null || (facts.level !== null && LEVELS.includes(facts.level))
  if (isOfLevel && !scope.levels.includes(facts.level)) return check('authority', 'fail', 'scope-level')
  if (begins < from) return check('authority', 'fail', 'scope-not-begun', from)
  if (until !== null && begins >= until) return check('authority', 'fail', 'scope-ended', until)
  return passed('authority', 'scope-covered', from)
}

function checkValidity(facts, now) {
  const start = firstInstant(facts.validFrom)
  if (now < start) return check('validity', 'fail', 'not-yet-valid', start)
  if (facts.validUntil === null) return passed('validity', 'valid-without-end')
  const end = firstInstant(facts.validUntil + 1)
  return now >= end ? check('validity', 'fail', 'expired', end) : passed('validity', 'within-validity', end)
}

function checkLists(facts, body, { trust, asOf, now, fresh }) {
  const found = trust.lists[facts.list] ?? null
  const log = check('log', 'unchecked', 'log-offline')
  if (found && found.did !== body.did) return [...Object.keys(LISTS).map((name) => check(name, 'unknown', 'status-list-of-another')), log]
  const confirmed = instant(found?.at) ?? asOf
  const until = instant(found?.until)
  const isStale = confirmed === null || (fresh !== null && now - confirmed > fresh) || (until !== null && now > until)
  const bit = (name, packed) => checkBit(name, packed ?? null, facts.index, { confirmed, isStale })
  return [bit('revocation', found?.revoked), bit('suspension', found?.suspended), log]
}

function checkBit(name, packed, index, { confirmed, isStale }) {
  const codes = LISTS[name]
  if (packed === null) return check(name, 'unchecked', codes.missing)
  const bit = readBit(packed, index)
  if (bit === null) return check(name, 'unknown', 'status-index-outside')
  if (bit) return check(name, 'fail', codes.found, confirmed)
  return isStale ? check(name, 'unknown', 'status-list-old', confirmed) : passed(name, codes.clear, confirmed)
}

/** Whether an index is set in a list packed as `length:distances`; null outside of it. */
export function readBit(packed, index) {
  const [length, distances] = packed.split(':')
  if (index >= Number(length)) return null
  let at = -1
  let distance = 0
  let shift = 0
  for (const letter of atob(distances.replace(/-/g, '+').replace(/_/g, '/'))) {
    const byte = letter.charCodeAt(0)
    distance += (byte & 127) * 2 ** shift
    shift += 7
    if (byte < 128) {
      at += distance
      if (at >= index) return at === index
      distance = 0
      shift = 0
    }
  }
  return false
}
