/** Zero-knowledge proofs over P-256; the same as app/ballots/rules/proofs.py, where the sources are named. */
import { sha256 } from '@noble/hashes/sha2.js'

import {
  GENERATOR, Refused, concat, draw, framed, fromHex, hashToScalar, mod, pointText, readPoint, readScalar, scalarText,
  times, total, twoBytes, utf8, weigh,
} from './group.js'

export const SUITE = 'JijingBallotV1-P256-SHA256'
const CHALLENGE_TAG = utf8(`HashToScalar-${SUITE}`)
const bytesOf = (point) => fromHex(pointText(point))

export function challenge(label, context, points) {
  return hashToScalar(framed(utf8(label), ...context.map(utf8), ...points.map(bytesOf)), CHALLENGE_TAG)
}

export function readScalars(texts, number) {
  if (!Array.isArray(texts) || texts.length !== number) throw new Refused('shape')
  return texts.map(readScalar)
}

export function readCipher(texts) {
  if (!Array.isArray(texts) || texts.length !== 2) throw new Refused('shape')
  return { alpha: readPoint(texts[0]), beta: readPoint(texts[1]) }
}

export function addCiphers(one, other) {
  return { alpha: one.alpha.add(other.alpha), beta: one.beta.add(other.beta) }
}

export function proveKey(label, context, secret, key) {
  const nonce = draw()
  const asked = challenge(label, context, [key, times(GENERATOR, nonce)])
  return [scalarText(asked), scalarText(nonce - asked * secret)]
}

export function schnorrCommitment(asked, response, key) {
  return weigh(response, GENERATOR, asked, key)
}

export function checkKey(label, context, key, proof) {
  const [asked, response] = readScalars(proof, 2)
  if (asked !== challenge(label, context, [key, schnorrCommitment(asked, response, key)])) throw new Refused('key_proof')
}

function composites(context, key, pairs) {
  const seed = sha256(framed(bytesOf(key), concat(utf8('Seed-'), context)))
  const tag = concat(utf8('HashToScalar-'), context)
  const weights = pairs.map(([first, second], place) =>
    hashToScalar(concat(framed(seed), twoBytes(place), framed(bytesOf(first), bytesOf(second)), utf8('Composite')), tag))
  return [0, 1].map((side) => total(pairs.map((pair, place) => pair[side].multiplyUnsafe(weights[place]))))
}

function equalityChallenge(context, points) {
  return hashToScalar(concat(framed(...points.map(bytesOf)), utf8('Challenge')), concat(utf8('HashToScalar-'), context))
}

/** key = secret G and second = secret * first for every pair: RFC 9497, GenerateProof. */
export function proveEqual(context, secret, key, pairs, nonce = draw()) {
  const [first, second] = composites(context, key, pairs)
  const asked = equalityChallenge(context, [key, first, second, times(GENERATOR, nonce), times(first, nonce)])
  return [scalarText(asked), scalarText(nonce - asked * secret)]
}

export function checkEqual(context, key, pairs, proof) {
  const [asked, response] = readScalars(proof, 2)
  const [first, second] = composites(context, key, pairs)
  const commitments = [weigh(response, GENERATOR, asked, key), weigh(response, first, asked, second)]
  if (asked !== equalityChallenge(context, [key, first, second, ...commitments])) throw new Refused('equality_proof')
}

export function encrypt(key, value, secret) {
  const mask = times(key, secret)
  return { alpha: times(GENERATOR, secret), beta: value ? mask.add(GENERATOR) : mask }
}

export function proveBit(context, key, everything, value, secret) {
  const [nonce, simulated, response] = [draw(), draw(), draw()]
  const other = response + simulated * secret
  const pretended = [times(GENERATOR, other), times(key, other).add(times(GENERATOR, value ? simulated : -simulated))]
  const honest = [times(GENERATOR, nonce), times(key, nonce)]
  const commitments = value ? [...pretended, ...honest] : [...honest, ...pretended]
  const asked = challenge('bit', context, [key, ...everything, ...commitments])
  const real = mod(asked - simulated)
  const mine = [real, nonce - real * secret]
  const theirs = [simulated, response]
  return (value ? [...theirs, ...mine] : [...mine, ...theirs]).map(scalarText)
}

export function checkBit(context, key, everything, cipher, proof) {
  const parts = readScalars(proof, 4)
  const commitments = [0, 1].flatMap((value) => {
    const [asked, response] = parts.slice(2 * value, 2 * value + 2)
    const rest = value ? cipher.beta.subtract(GENERATOR) : cipher.beta
    return [weigh(response, GENERATOR, asked, cipher.alpha), weigh(response, key, asked, rest)]
  })
  if (mod(parts[0] + parts[2]) !== challenge('bit', context, [key, ...everything, ...commitments])) throw new Refused('bit_proof')
}

export function proveOne(context, key, everything, secret) {
  const nonce = draw()
  const asked = challenge('one', context, [key, ...everything, times(GENERATOR, nonce), times(key, nonce)])
  return [scalarText(asked), scalarText(nonce - asked * secret)]
}

export function checkOne(context, key, everything, summed, proof) {
  const [asked, response] = readScalars(proof, 2)
  const commitments = [
    weigh(response, GENERATOR, asked, summed.alpha),
    weigh(response, key, asked, summed.beta.subtract(GENERATOR)),
  ]
  if (asked !== challenge('one', context, [key, ...everything, ...commitments])) throw new Refused('sum_proof')
}
