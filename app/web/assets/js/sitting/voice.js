/** What the page says: the state of saving, the time left, notices, and what a screen reader hears of them. */
import { asClock, asTime } from './clock.js'

const LOW = 300
const SPOKEN = [1800, 600, 300, 60]

const byId = (id) => document.getElementById(id)

export class Voice {
  constructor(words) {
    this.words = words
    this.told = new Set()
  }

  notice(text) {
    byId('notice').textContent = text
  }

  /** Add a sentence to the notice that stands. */
  add(text) {
    const before = byId('notice').textContent
    this.notice(before ? `${before} ${text}` : text)
  }

  /** The connection is gone, and a reload could not show the paper. */
  bare(on) {
    byId('bare').hidden = !on
  }

  offer(label, act) {
    const button = document.createElement('button')
    Object.assign(button, { type: 'button', className: 'button button-primary', textContent: label })
    button.addEventListener('click', act)
    byId('notice').append(button)
  }

  say(text) {
    byId('spoken').textContent = text
  }

  /**
   * How things stand. `saved` is said only of what the server acknowledged, `kept` only of what lies on the disk;
   * anything else is on its way.
   */
  state({ waiting, unstored, keeps, failing, resending, acknowledgedAt }) {
    const [text, state] = this.#state({ waiting, unstored, keeps, failing, resending, acknowledgedAt })
    const place = byId('saved')
    const before = place.dataset.state
    if (before === state && place.textContent === text) return
    place.dataset.state = state
    place.textContent = text
    if (state === 'kept' && before !== 'kept') this.say(text)
    if (state === 'saved' && (before === 'kept' || before === 'resending')) this.say(this.words.resent)
  }

  #state({ waiting, unstored, keeps, failing, resending, acknowledgedAt }) {
    if (waiting === 0) return acknowledgedAt ? [this.words.saved.replace('{time}', asTime(acknowledgedAt)), 'saved'] : [failing ? this.words.offline : '', failing ? 'kept' : 'none']
    if (failing && !keeps) return [this.words.page_only.replace('{n}', waiting), 'page']
    if (failing && unstored === 0) return [(resending ? this.words.resending : this.words.kept).replace('{n}', waiting), resending ? 'resending' : 'kept']
    return [this.words.saving, 'saving']
  }

  clock(left, { about = false } = {}) {
    const place = byId('clock')
    const shown = asClock(left)
    if (place.textContent !== shown) place.textContent = about ? `≈ ${shown}` : shown
    place.toggleAttribute('data-low', left <= LOW)
    for (const mark of SPOKEN) {
      if (left > mark) this.told.delete(mark)
      if (left > mark || this.told.has(mark)) continue
      this.told.add(mark)
      if (left > mark - 5) this.say(this.words.minutes_left.replace('{n}', mark / 60))
    }
  }

  /** The deadline moved: extra time is said once, politely, with how much it is. */
  extended(minutes) {
    this.say(this.words.extended.replace('{n}', minutes))
    byId('extra').textContent = this.words.extended.replace('{n}', minutes)
  }

  paused(on, reason) {
    const cover = byId('paused')
    if (on) cover.querySelector('[data-reason]').textContent = reason || this.words.pause_reason
    if (on && !cover.open) cover.showModal()
    if (!on && cover.open) {
      cover.close()
      this.say(this.words.resumed)
    }
  }
}
