/** What waits to be sent: the last answer of each place, each with a sequence that only grows. Knows nothing of the page. */
import { sameAnswer } from './responses.js'

const BATCH = 100

/** An answer as it travels; what else is kept with it stays on the device. */
const wire = ({ position, sequence, response, review, client_at }) => ({ position, sequence, response, review, client_at })

export class Outbox {
  /** `sequences` maps places to the last sequence the server has. */
  constructor(sequences) {
    this.known = new Map(Object.entries(sequences).map(([place, sequence]) => [Number(place), sequence]))
    this.used = new Map(this.known)
    this.waiting = new Map()
  }

  get size() {
    return this.waiting.size
  }

  /** A change at the page: it replaces one that still waits, under its sequence as long as that was never sent. */
  change(position, response, review, clientAt) {
    const before = this.waiting.get(position)
    const fresh = before && !before.tried
    const answer = {
      position,
      sequence: fresh ? before.sequence : this.#next(position),
      response,
      review,
      client_at: clientAt,
      seen: fresh ? before.seen : (this.known.get(position) ?? 0),
      sent: fresh ? before.sent : before ? wire(before) : undefined,
    }
    this.waiting.set(position, answer)
    return answer
  }

  /** Take up an answer that this device had kept. */
  restore(answer) {
    const before = this.waiting.get(answer.position)
    if (before && before.sequence >= answer.sequence) return
    this.waiting.set(answer.position, { ...answer, tried: true })
    this.#saw(answer.position, answer.sequence)
  }

  /**
   * What the server holds of a place. Returns the waiting answer that must not go over it, because another page has
   * written here since; it no longer waits.
   */
  learn(held) {
    const answer = this.waiting.get(held.position)
    this.#saw(held.position, held.sequence)
    this.known.set(held.position, held.sequence)
    if (!answer || held.sequence <= answer.seen) return null
    if (sameAnswer(answer, held)) {
      this.waiting.delete(held.position)
      return null
    }
    if (answer.sent && answer.sent.sequence === held.sequence && sameAnswer(answer.sent, held)) return null
    this.waiting.delete(held.position)
    return answer
  }

  /** What to send next; from now on these sequences are spent. */
  batch() {
    const answers = [...this.waiting.values()].slice(0, BATCH)
    for (const answer of answers) answer.tried = true
    return answers.map(wire)
  }

  /** The server has this one for good; a newer answer of the place goes on waiting. */
  acknowledge(position, sequence) {
    this.#saw(position, sequence)
    this.known.set(position, Math.max(sequence, this.known.get(position) ?? 0))
    const answer = this.waiting.get(position)
    if (answer?.sequence === sequence) this.waiting.delete(position)
    else if (answer) answer.seen = Math.max(answer.seen, sequence)
  }

  /** Give up everything that waits, for it goes another way. */
  takeAll() {
    const answers = [...this.waiting.values()].map(wire)
    this.waiting.clear()
    return answers
  }

  #next(position) {
    this.#saw(position, (this.used.get(position) ?? 0) + 1)
    return this.used.get(position)
  }

  #saw(position, sequence) {
    this.used.set(position, Math.max(sequence, this.used.get(position) ?? 0))
  }
}
