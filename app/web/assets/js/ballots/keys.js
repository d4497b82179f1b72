/** The key that three trustees make and two can use; the same as app/ballots/rules/keys.py. */
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'

import {
  GENERATOR, ORDER, Refused, concat, framed, fromHex, mod, pointText, readPoint, scalarText, times, toHex, total, utf8,
  weigh,
} from './group.js'
import { checkKey, proveKey } from './proofs.js'
import { CHOICES, VERSION, canonical, digest } from './votes.js'

export const TRUSTEES = 3
export const THRESHOLD = 2
const NONCE = 12
const SEALED = /^[0-9a-f]{120}$/

const words = (ceremony, ...more) => [ceremony.ballot, String(ceremony.number), ...more.map(String)]
const framedWords = (ceremony, ...more) => framed(...words(ceremony, ...more).map(utf8))

/** The secrets of one ceremony, grown from a seed of 32 bytes. */
export function grow(seed, ceremony, index) {
  const grown = (name) => {
    const drawn = hkdf(sha256, seed, utf8('JijingBallotV1 seed'), framedWords(ceremony, index, name), 48)
    return (BigInt(`0x${toHex(drawn)}`) % (ORDER - 1n)) + 1n
  }
  return { exchange: grown('exchange'), line: [grown('a0'), grown('a1')] }
}

const valueAt = (secrets, index) => mod(secrets.line[0] + secrets.line[1] * BigInt(index))

export function join(ceremony, index, secrets) {
  const key = times(GENERATOR, secrets.exchange)
  return { exchange: pointText(key), proof: proveKey('exchange', words(ceremony, index), secrets.exchange, key) }
}

export function checkJoin(ceremony, index, exchange, proof) {
  const key = readPoint(exchange)
  checkKey('exchange', words(ceremony, index), key, proof)
  return key
}

async function shareCipher(ceremony, sender, receiver, secret, other) {
  const about = framedWords(ceremony, sender, receiver)
  const shared = hkdf(sha256, fromHex(pointText(times(other, secret))), utf8('JijingBallotV1 share'), about, 32)
  return { key: await crypto.subtle.importKey('raw', shared, 'AES-GCM', false, ['encrypt', 'decrypt']), about }
}

export async function seal(ceremony, sender, receiver, secret, other, share) {
  const { key, about } = await shareCipher(ceremony, sender, receiver, secret, other)
  const iv = new Uint8Array(NONCE)
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: about }, key, fromHex(scalarText(share)))
  return toHex(concat(iv, new Uint8Array(sealed)))
}

export async function unseal(ceremony, sender, receiver, secret, other, text) {
  const { key, about } = await shareCipher(ceremony, sender, receiver, secret, other)
  const sealed = fromHex(text)
  try {
    const opened = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: sealed.slice(0, NONCE), additionalData: about }, key, sealed.slice(NONCE))
    return BigInt(`0x${toHex(new Uint8Array(opened))}`)
  } catch {
    throw new Refused('share')
  }
}

/** Commitments, their proof and the sealed shares; `exchanges` are the three keys in order. */
export async function deal(ceremony, index, secrets, exchanges) {
  const points = secrets.line.map((one) => times(GENERATOR, one))
  const commitments = points.map(pointText)
  const shares = {}
  for (const [place, key] of exchanges.entries()) {
    if (place + 1 === index) continue
    shares[place + 1] = await seal(ceremony, index, place + 1, secrets.exchange, key, valueAt(secrets, place + 1))
  }
  return { commitments, proof: proveKey('deal', words(ceremony, index, ...commitments), secrets.line[0], points[0]), shares }
}

export function checkDeal(ceremony, index, commitments, proof, shares) {
  if (!Array.isArray(commitments) || commitments.length !== THRESHOLD) throw new Refused('shape')
  const points = commitments.map(readPoint)
  checkKey('deal', words(ceremony, index, ...commitments), points[0], proof)
  const wanted = [1, 2, 3].filter((other) => other !== index).join()
  if (Object.keys(shares ?? {}).sort().join() !== wanted || !Object.values(shares).every((one) => SEALED.test(one))) throw new Refused('shape')
  return points
}

export function lineAt(index, commitments) {
  return weigh(1n, commitments[0], BigInt(index), commitments[1])
}

export function shareFits(share, index, commitments) {
  return share < ORDER && times(GENERATOR, share).equals(lineAt(index, commitments))
}

function notIdentity(point) {
  if (point.is0()) throw new Refused('identity')
  return point
}

export const publicShare = (index, lines) => notIdentity(total(lines.map((line) => lineAt(index, line))))
export const publicKey = (lines) => notIdentity(total(lines.map((line) => line[0])))

/**
 * Open what the others sent and add it up: {share, wrong}, where wrong are the places of trustees whose share does not
 * fit what they committed to.
 */
export async function gather(ceremony, index, secrets, exchanges, dealt) {
  let share = valueAt(secrets, index)
  const wrong = []
  for (const [place, { commitments, shares }] of dealt.entries()) {
    if (place + 1 === index) continue
    const points = commitments.map(readPoint)
    const sent = await unseal(ceremony, place + 1, index, secrets.exchange, exchanges[place], shares[index]).catch(() => null)
    if (sent === null || !shareFits(sent, index, points)) wrong.push(place + 1)
    else share = mod(share + sent)
  }
  return { share, wrong }
}

export function manifest(ceremony, questions, exchanges, commitments) {
  return {
    ballot: ceremony.ballot,
    ceremony: ceremony.number,
    choices: CHOICES,
    commitments,
    exchanges,
    group: 'P-256',
    key: pointText(publicKey(commitments.map((line) => line.map(readPoint)))),
    questions,
    threshold: THRESHOLD,
    version: VERSION,
  }
}

export function electionOf(written) {
  return { ballot: written.ballot, fingerprint: digest(canonical(written)), key: readPoint(written.key) }
}

export function confirm(fingerprint, index, share, key) {
  return { proof: proveKey('confirm', [fingerprint, String(index)], share, key) }
}
