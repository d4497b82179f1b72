/** When a page shows next that it lives: in a pause sooner, though the server spreads pages out where many stand still. */
import { about } from './line.js'

export class Rhythm {
  constructor({ beat, paused }) {
    Object.assign(this, { beat, paused })
  }

  /** Take up after how long the server wants to be asked again in a pause; tell whether that is another wait than before. */
  learn({ again = this.again }) {
    const changed = again !== this.again
    this.again = again
    return changed
  }

  wait(paused) {
    return about(paused ? Math.max(this.paused, this.again ?? 0) : this.beat)
  }
}
