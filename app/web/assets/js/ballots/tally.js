/** The tally and the bulletin; the same as app/ballots/rules/tally.py and bulletin.py. */
import { GENERATOR, Point, Refused, mod, pointText, readPoint, times, total, utf8 } from './group.js'
import { THRESHOLD, checkDeal, checkJoin, electionOf, manifest, publicShare } from './keys.js'
import { SUITE, addCiphers, checkEqual, checkKey, proveEqual } from './proofs.js'
import { CHOICES, canonical, digest, readVote } from './votes.js'

export const FORMAT = 'jijing-ballot-bulletin-1'

/** Add the ciphertexts of each question: a Map in the order of `questions`. */
export function product(votes, questions) {
  const found = new Map()
  for (const { ciphers } of votes) {
    for (const [question, row] of ciphers) {
      const known = found.get(question)
      found.set(question, known ? known.map((one, place) => addCiphers(one, row[place])) : row)
    }
  }
  return new Map(questions.filter((one) => found.has(one)).map((one) => [one, found.get(one)]))
}

export const listDigest = (hashes) => digest([...hashes].sort().join('\n'))

export function openingContext(fingerprint, index, listed) {
  return utf8(`${SUITE}-open-${fingerprint}-${index}-${listed}`)
}

const alphasOf = (summed) => [...summed.values()].flat().map(({ alpha }) => alpha)

export function openProduct(context, share, key, summed) {
  const firsts = alphasOf(summed)
  const seconds = firsts.map((one) => times(one, share))
  return { shares: seconds.map(pointText), proof: proveEqual(context, share, key, firsts.map((one, at) => [one, seconds[at]])) }
}

export function checkOpening(context, key, summed, shares, proof) {
  const firsts = alphasOf(summed)
  if (!Array.isArray(shares) || shares.length !== firsts.length) throw new Refused('shape')
  const seconds = shares.map(readPoint)
  checkEqual(context, key, firsts.map((one, at) => [one, seconds[at]]), proof)
  return seconds
}

export function weightAtZero(index, present) {
  let [above, below] = [1n, 1n]
  for (const other of present.filter((one) => one !== index)) {
    above = mod(above * BigInt(other))
    below = mod(below * BigInt(other - index))
  }
  return mod(above * Point.Fn.inv(below))
}

export function counts(summed, openings, most) {
  if (openings.size < THRESHOLD) throw new Refused('threshold')
  const present = [...openings.keys()].sort().slice(0, THRESHOLD)
  const table = new Map()
  for (let number = 1, reached = GENERATOR; number <= most; number += 1, reached = reached.add(GENERATOR)) table.set(pointText(reached), number)
  const found = {}
  let place = 0
  for (const [question, ciphers] of summed) {
    found[question] = {}
    for (const [at, choice] of CHOICES.entries()) {
      const mask = total(present.map((index) => openings.get(index)[place].multiplyUnsafe(weightAtZero(index, present))))
      const left = ciphers[at].beta.subtract(mask)
      const number = left.is0() ? 0 : table.get(pointText(left))
      if (number === undefined) throw new Refused('count')
      found[question][choice] = number
      place += 1
    }
  }
  return found
}

function checkKeys(bulletin, found) {
  const written = bulletin.manifest
  if (bulletin.format !== FORMAT) throw new Refused('format')
  const ceremony = { ballot: written.ballot, number: written.ceremony }
  const { trustees } = bulletin
  found.lines = trustees.map((one, at) => {
    checkJoin(ceremony, at + 1, one.exchange, one.exchange_proof)
    return checkDeal(ceremony, at + 1, one.commitments, one.deal_proof, one.sealed_shares)
  })
  const made = manifest(ceremony, written.questions, trustees.map((one) => one.exchange), trustees.map((one) => one.commitments))
  if (canonical(made) !== canonical(written)) throw new Refused('manifest')
  found.election = electionOf(written)
  trustees.forEach((one, at) =>
    checkKey('confirm', [found.election.fingerprint, String(at + 1)], publicShare(at + 1, found.lines), one.confirm_proof))
  return found.election.fingerprint
}

function checkVotes(bulletin, found) {
  const asked = new Map(bulletin.voters.map((one) => [one.pseudonym, one.questions]))
  for (const { pseudonym, proxy } of bulletin.voters) {
    if (proxy != null && (proxy === pseudonym || !asked.has(proxy))) throw new Refused('proxy')
  }
  const last = new Map()
  const seen = new Set()
  for (const { hash, sequence, voter, vote } of bulletin.votes) {
    const name = `${voter} ${sequence}`
    if (!asked.has(voter) || seen.has(name)) throw new Refused('voter')
    seen.add(name)
    const read = readVote(found.election, voter, asked.get(voter), vote)
    if (read.hash !== hash) throw new Refused('hash')
    if (!(last.get(voter)?.sequence > sequence)) last.set(voter, { sequence, read })
  }
  found.counted = [...last.values()].map(({ read }) => read)
  return String(bulletin.votes.length)
}

function checkList(bulletin, found) {
  const hashes = bulletin.votes.map(({ hash }) => hash)
  const sorted = [...new Set(hashes)].sort()
  if (hashes.join() !== sorted.join() || listDigest(hashes) !== bulletin.list) throw new Refused('list')
  const summed = product(found.counted, bulletin.manifest.questions)
  found.product = new Map([...summed].filter(([question]) => bulletin.opened.includes(question)))
  if ([...found.product.keys()].join() !== bulletin.opened.join()) throw new Refused('list')
  return bulletin.list
}

function checkOpenings(bulletin, found) {
  found.openings = new Map()
  for (const { index, shares, proof } of bulletin.openings) {
    if (found.openings.has(index) || !(index >= 1 && index <= found.lines.length)) throw new Refused('trustee')
    const context = openingContext(found.election.fingerprint, index, bulletin.list)
    found.openings.set(index, checkOpening(context, publicShare(index, found.lines), found.product, shares, proof))
  }
  return [...found.openings.keys()].sort().join(', ')
}

function checkCounts(bulletin, found) {
  const reached = found.product.size > 0 ? counts(found.product, found.openings, found.counted.length) : {}
  if (canonical(reached) !== canonical(bulletin.results)) throw new Refused('results')
  return String(Object.keys(reached).length)
}

const STEPS = { keys: checkKeys, votes: checkVotes, list: checkList, openings: checkOpenings, counts: checkCounts }
const WITHOUT_TALLY = ['keys', 'votes', 'list']

/** Recompute a bulletin: a list of {name, passed, detail}, and what was found on the way. */
export function verify(bulletin) {
  const checks = []
  const found = {}
  for (const name of bulletin.results === null ? WITHOUT_TALLY : Object.keys(STEPS)) {
    try {
      checks.push({ name, passed: true, detail: STEPS[name](bulletin, found) })
    } catch (error) {
      checks.push({ name, passed: false, detail: error.code ?? 'shape' })
      break
    }
  }
  return { checks, found, valid: checks.every(({ passed }) => passed) }
}
