/** The questions, one at a time, and the palette that tells how each stands in words and shape. */
import { answerState, number, readResponse, writeResponse } from './responses.js'

const KEYS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }

export class Sheet {
  constructor(form, palette, notes) {
    Object.assign(this, { form, palette, notes })
    this.places = new Map([...form.querySelectorAll('[data-place]')].map((place) => [Number(place.dataset.place), place]))
    this.links = new Map([...palette.querySelectorAll('[data-goto]')].map((link) => [Number(link.dataset.goto), link]))
    this.seen = new Set(notes.get('seen', []))
    this.#listen()
  }

  placeOf(input) {
    return Number(input.closest('[data-place]')?.dataset.place ?? 0)
  }

  read(position) {
    const place = this.places.get(position)
    return { response: readResponse(place), review: place.querySelector('[data-review-box]').checked }
  }

  write({ position, response, review }) {
    const place = this.places.get(position)
    if (!place) return
    writeResponse(place, response)
    place.querySelector('[data-review-box]').checked = review
    this.show(position)
  }

  /** Open one question; the one before is hidden. */
  open(position, { focus = true } = {}) {
    const place = this.places.get(position)
    if (!place) return
    for (const [at, other] of this.places) {
      other.toggleAttribute('data-current', at === position)
      const link = this.links.get(at)
      if (at === position) link.setAttribute('aria-current', 'true')
      else link.removeAttribute('aria-current')
      link.tabIndex = at === position ? 0 : -1
    }
    this.current = position
    this.seen.add(position)
    this.notes.set('seen', [...this.seen])
    this.notes.set('current', position)
    this.show(position)
    this.#turnButtons()
    this.links.get(position).scrollIntoView({ block: 'nearest', inline: 'nearest' })
    if (!focus) return
    window.scrollTo(0, 0)
    place.querySelector('legend').focus({ preventScroll: true })
  }

  step(by) {
    this.open(this.current + by)
  }

  mark() {
    const box = this.places.get(this.current).querySelector('[data-review-box]')
    if (!box.disabled && !this.locked) box.click()
  }

  stateOf(position) {
    const state = answerState(this.places.get(position))
    return state === 'open' && !this.seen.has(position) ? 'unseen' : state
  }

  isMarked(position) {
    return this.places.get(position).querySelector('[data-review-box]').checked
  }

  wordsOf(position) {
    const words = this.palette.dataset[this.stateOf(position)]
    return this.isMarked(position) ? words + this.palette.dataset.review : words
  }

  /** Bring the palette's entry of a place in line with it. */
  show(position) {
    const link = this.links.get(position)
    link.dataset.state = this.stateOf(position)
    link.toggleAttribute('data-marked', this.isMarked(position))
    link.querySelector('[data-state-words]').textContent = this.wordsOf(position)
    for (const counter of this.places.get(position).querySelectorAll('[data-counter]')) this.#count(counter)
    this.#sum()
  }

  /** Where the page opens: the question of its address, else the one shown last. */
  firstPlace() {
    const asked = Number(location.hash.match(/^#q(\d+)$/)?.[1] ?? 0)
    if (asked) history.replaceState(null, '', location.pathname)
    const place = asked || this.notes.get('current', 1)
    return this.places.has(place) ? place : 1
  }

  onKey(event) {
    if (!event.altKey || event.ctrlKey || event.metaKey || document.querySelector('dialog[open]')) return
    const act = { PageDown: () => this.step(1), PageUp: () => this.step(-1), KeyM: () => this.mark() }[event.code]
    if (!act) return
    event.preventDefault()
    act()
  }

  showAll() {
    for (const place of this.places.values()) place.querySelectorAll('[data-order]').forEach((list) => number(list.closest('[data-part]')))
    for (const position of this.places.keys()) this.show(position)
  }

  /** The places that are not wholly answered or are marked, in order. */
  unfinished() {
    return [...this.places.keys()].filter((position) => this.stateOf(position) !== 'answered' || this.isMarked(position))
  }

  lock() {
    this.locked = true
    for (const place of this.places.values()) place.disabled = true
    for (const button of document.querySelectorAll('[data-ends]')) button.disabled = true
  }

  unlock() {
    this.locked = false
    for (const place of this.places.values()) place.disabled = false
    for (const button of document.querySelectorAll('[data-ends]')) button.disabled = false
    this.showAll()
  }

  #listen() {
    this.palette.addEventListener('click', (event) => this.#goto(event, event.target.closest('[data-goto]')))
    this.palette.addEventListener('keydown', (event) => this.#walk(event))
    document.addEventListener('click', (event) => {
      const turn = event.target.closest('[data-turn]')
      if (turn) this.step(Number(turn.dataset.turn))
    })
    this.form.addEventListener('click', (event) => {
      const move = event.target.closest('[data-move]')
      const confirm = event.target.closest('[data-confirm-order]')
      if (this.locked) return
      if (move) this.#move(move)
      if (confirm) this.#meant(confirm.closest('[data-part]').querySelector('[data-order]'))
    })
  }

  #goto(event, link) {
    if (!link) return
    event.preventDefault()
    this.open(Number(link.dataset.goto))
  }

  /** The palette is one stop of the Tab key; arrows walk within it. */
  #walk(event) {
    const link = event.target.closest('[data-goto]')
    if (!link || !(event.key in KEYS)) return
    event.preventDefault()
    const next = this.links.get(Number(link.dataset.goto) + KEYS[event.key])
    if (!next) return
    link.tabIndex = -1
    next.tabIndex = 0
    next.focus()
  }

  /** Move an entry of an ordering by one; the first press also says that the order is meant. */
  #move(button) {
    const entry = button.closest('[data-entry]')
    if (button.dataset.move === 'up') entry.previousElementSibling?.before(entry)
    if (button.dataset.move === 'down') entry.nextElementSibling?.after(entry)
    this.#meant(entry.closest('[data-order]'))
    const stays = button.disabled ? entry.querySelector('[data-move]:not([disabled])') : button
    stays?.focus()
  }

  #meant(list) {
    list.dataset.touched = 'yes'
    number(list.closest('[data-part]'))
    list.dispatchEvent(new Event('change', { bubbles: true }))
  }

  #turnButtons() {
    const last = this.places.size
    for (const button of document.querySelectorAll('[data-turn]')) {
      const target = this.current + Number(button.dataset.turn)
      button.disabled = target < 1 || target > last
    }
    const shown = document.getElementById('where')
    shown.textContent = shown.dataset.words.replace('{n}', this.current).replace('{of}', last)
  }

  #sum() {
    const states = [...this.links.values()].map((link) => link.dataset.state)
    for (const place of this.palette.querySelectorAll('[data-sum]')) {
      const name = place.dataset.sum
      const count = name === 'marked' ? [...this.links.values()].filter((link) => 'marked' in link.dataset).length : states.filter((state) => state === name).length
      place.textContent = String(count)
    }
  }

  #count(counter) {
    const field = document.getElementById(counter.dataset.counter)
    counter.textContent = counter.dataset.words.replace('{n}', [...field.value].length).replace('{of}', counter.dataset.limit)
  }
}
