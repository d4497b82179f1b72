/**
 * The group P-256 and its encodings; the same as app/ballots/rules/group.py, on @noble/curves.
 * Points are 33 bytes of compressed SEC 1 in lower-case hexadecimal, scalars 32 bytes; no other spelling is read.
 */
import { p256, p256_hasher } from '@noble/curves/nist.js'

export const Point = p256.Point
export const GENERATOR = Point.BASE
export const ORDER = Point.Fn.ORDER
const PRIME = Point.Fp.ORDER
const POINT_TEXT = /^0[23][0-9a-f]{64}$/
const SCALAR_TEXT = /^[0-9a-f]{64}$/

/** A ballot, share or proof does not hold; `code` names the check that failed. */
export class Refused extends Error {
  constructor(code) {
    super(code)
    this.code = code
  }
}

export const mod = (value) => ((value % ORDER) + ORDER) % ORDER

export function fromHex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

export function toHex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function utf8(text) {
  return new TextEncoder().encode(text)
}

export function readPoint(text) {
  if (typeof text !== 'string' || !POINT_TEXT.test(text) || BigInt(`0x${text.slice(2)}`) >= PRIME) throw new Refused('encoding')
  try {
    return Point.fromHex(text)
  } catch {
    throw new Refused('off_curve')
  }
}

export function pointText(point) {
  if (point.is0()) throw new Refused('identity')
  return point.toHex(true)
}

export function readScalar(text) {
  if (typeof text !== 'string' || !SCALAR_TEXT.test(text)) throw new Refused('encoding')
  const value = BigInt(`0x${text}`)
  if (value >= ORDER) throw new Refused('range')
  return value
}

export function scalarText(value) {
  return mod(value).toString(16).padStart(64, '0')
}

/** A point times a public or secret scalar; zero gives the identity. */
export function times(point, factor) {
  const scalar = mod(factor)
  return scalar === 0n ? Point.ZERO : point.multiply(scalar)
}

/** first * one + second * other, of public values; the identity is refused. */
export function weigh(first, one, second, other) {
  if (one.is0() || other.is0()) throw new Refused('identity')
  return one.multiplyUnsafe(mod(first)).add(other.multiplyUnsafe(mod(second)))
}

export function total(points) {
  return points.reduce((sum, one) => sum.add(one))
}

export function concat(...parts) {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

export function twoBytes(number) {
  return Uint8Array.of(number >> 8, number & 255)
}

/** Parts, each behind its length in two bytes. */
export function framed(...parts) {
  return concat(...parts.flatMap((part) => [twoBytes(part.length), part]))
}

export function hashToScalar(message, tag) {
  return p256_hasher.hashToScalar(message, { DST: tag })
}

/** A secret scalar that is not zero, without a bias worth naming. */
export function draw() {
  const bytes = crypto.getRandomValues(new Uint8Array(48))
  return (BigInt(`0x${toHex(bytes)}`) % (ORDER - 1n)) + 1n
}
