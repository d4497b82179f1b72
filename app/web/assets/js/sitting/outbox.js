/** What waits to be sent: the last answer of each place, each with a sequence that only grows. Knows nothing of the page. */

const BATCH = 100

export const sameAnswer = (one, other) => one.review === other.review && [...one.choice].sort().join() === [...other.choice].sort().join()

export class Outbox {
  /** `sequences` maps places to the last sequence the server has. */
  constructor(sequences) {
    this.sequences = new Map(Object.entries(sequences).map(([place, sequence]) => [Number(place), sequence]))
    this.waiting = new Map()
  }

  get size() {
    return this.waiting.size
  }

  /** A change at the page: the newest answer of a place replaces one that still waits. */
  change(position, choice, review, clientAt) {
    const sequence = this.#next(position)
    const answer = { position, sequence, choice, review, client_at: clientAt }
    this.waiting.set(position, answer)
    return answer
  }

  /** Take up an answer that this device had kept; tell whether it is newer than what the server has. */
  restore(answer) {
    const newest = answer.sequence > (this.sequences.get(answer.position) ?? 0)
    this.waiting.set(answer.position, answer)
    this.#saw(answer.position, answer.sequence)
    return newest
  }

  /** What the server holds: sequences grow past it, and what it has already need not be sent. */
  learn(known) {
    const waiting = this.waiting.get(known.position)
    if (waiting?.sequence === known.sequence && sameAnswer(waiting, known)) this.waiting.delete(known.position)
    this.#saw(known.position, known.sequence)
  }

  batch() {
    return [...this.waiting.values()].slice(0, BATCH)
  }

  /** The server has this one for good; a newer answer of the place goes on waiting. */
  acknowledge(position, sequence) {
    this.#saw(position, sequence)
    if (this.waiting.get(position)?.sequence === sequence) this.waiting.delete(position)
  }

  #next(position) {
    this.#saw(position, (this.sequences.get(position) ?? 0) + 1)
    return this.sequences.get(position)
  }

  #saw(position, sequence) {
    this.sequences.set(position, Math.max(sequence, this.sequences.get(position) ?? 0))
  }
}
