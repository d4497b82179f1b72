/** A voter's ballot; the same as app/ballots/rules/votes.py. */
import { sha256 } from '@noble/hashes/sha2.js'

import { Refused, draw, mod, pointText, readPoint, toHex, utf8 } from './group.js'
import { addCiphers, checkBit, checkOne, encrypt, proveBit, proveOne, readCipher } from './proofs.js'

export const VERSION = 1
export const CHOICES = ['approve', 'object', 'abstain']

/** JSON in its one form: keys sorted, no blanks. Only ASCII text and whole numbers occur. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value !== null && typeof value === 'object') {
    return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`
  }
  return JSON.stringify(value)
}

export function digest(text) {
  return toHex(sha256(utf8(text)))
}

/** An election as a page carries it: ballot, fingerprint and key as text. */
export function readElection({ ballot, fingerprint, key }) {
  return { ballot, fingerprint, key: readPoint(key) }
}

function bound(election, voter, question, ciphers) {
  return [[election.fingerprint, voter, question], ciphers.flatMap(({ alpha, beta }) => [alpha, beta])]
}

function makeAnswer(election, voter, question, choice) {
  const secrets = CHOICES.map(draw)
  const values = CHOICES.map((one) => Number(one === choice))
  const ciphers = values.map((value, place) => encrypt(election.key, value, secrets[place]))
  const [context, everything] = bound(election, voter, question, ciphers)
  const proofs = values.map((value, place) =>
    proveBit([...context, String(place)], election.key, everything, value, secrets[place]))
  const summed = proveOne(context, election.key, everything, mod(secrets.reduce((sum, one) => sum + one)))
  return { choices: ciphers.map(({ alpha, beta }) => [pointText(alpha), pointText(beta)]), proofs, question, sum: summed }
}

/** Encrypt answers, a list of [question, choice]; returns the vote's text. */
export function makeVote(election, voter, answers) {
  const made = answers.map(([question, choice]) => makeAnswer(election, voter, question, choice))
  return canonical({ answers: made, ballot: election.ballot, version: VERSION, voter })
}

const sameKeys = (value, keys) => Object.keys(value).sort().join() === keys
const isRecord = (value) => value !== null && typeof value === 'object' && !Array.isArray(value)

function parse(text) {
  let found
  try {
    found = JSON.parse(text)
  } catch {
    throw new Refused('shape')
  }
  if (!isRecord(found)) throw new Refused('shape')
  if (canonical(found) !== text) throw new Refused('spelling')
  return found
}

function checkAnswer(election, voter, answer) {
  if (!sameKeys(answer, 'choices,proofs,question,sum')) throw new Refused('shape')
  for (const key of ['choices', 'proofs']) {
    if (!Array.isArray(answer[key]) || answer[key].length !== CHOICES.length) throw new Refused('shape')
  }
  const ciphers = answer.choices.map(readCipher)
  const [context, everything] = bound(election, voter, answer.question, ciphers)
  ciphers.forEach((cipher, place) =>
    checkBit([...context, String(place)], election.key, everything, cipher, answer.proofs[place]))
  checkOne(context, election.key, everything, ciphers.reduce(addCiphers), answer.sum)
  return ciphers
}

/** Check a vote on the questions open to a voter; throws Refused naming the first check that fails. */
export function readVote(election, voter, questions, text) {
  const found = parse(text)
  if (!sameKeys(found, 'answers,ballot,version,voter') || found.version !== VERSION || !Array.isArray(found.answers)) throw new Refused('shape')
  if (found.ballot !== election.ballot) throw new Refused('ballot')
  if (found.voter !== voter) throw new Refused('voter')
  const asked = found.answers.map((one) => (isRecord(one) ? one.question : null))
  if (asked.length !== questions.length || asked.some((one, place) => one !== questions[place])) throw new Refused('questions')
  const ciphers = new Map(found.answers.map((one) => [one.question, checkAnswer(election, voter, one)]))
  return { text, hash: digest(text), voter, ciphers }
}
