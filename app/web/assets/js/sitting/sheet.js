/** The questions on the page and the palette below them. */

export class Sheet {
  constructor(form, palette) {
    Object.assign(this, { form, palette })
    this.places = new Map([...form.querySelectorAll('[data-place]')].map((place) => [Number(place.dataset.place), place]))
    palette.addEventListener('click', (event) => this.#goto(event))
  }

  placeOf(input) {
    return Number(input.closest('[data-place]')?.dataset.place ?? 0)
  }

  read(position) {
    const place = this.places.get(position)
    const choice = [...place.querySelectorAll(`[name="a${position}"]:checked`)].map((input) => input.value).sort()
    return { choice, review: place.querySelector(`[name="r${position}"]`).checked }
  }

  write({ position, choice, review }) {
    const place = this.places.get(position)
    if (!place) return
    for (const input of place.querySelectorAll(`[name="a${position}"]`)) input.checked = choice.includes(input.value)
    place.querySelector(`[name="r${position}"]`).checked = review
    this.show(position)
  }

  /** Bring the palette's entry of a place in line with it. */
  show(position) {
    const { choice, review } = this.read(position)
    const link = this.palette.querySelector(`[data-goto="${position}"]`)
    link.dataset.state = choice.length > 0 ? 'answered' : 'open'
    link.toggleAttribute('data-review', review)
    const parts = [choice.length > 0 ? this.palette.dataset.answered : this.palette.dataset.open]
    if (review) parts.push(this.palette.dataset.review)
    link.querySelector('[data-state-words]').textContent = parts.join('')
  }

  showAll() {
    for (const position of this.places.keys()) this.show(position)
  }

  /** How many places are open, how many are marked for review. */
  count() {
    const all = [...this.places.keys()].map((position) => this.read(position))
    return { open: all.filter(({ choice }) => choice.length === 0).length, review: all.filter(({ review }) => review).length }
  }

  lock() {
    for (const place of this.places.values()) place.disabled = true
    for (const button of this.form.querySelectorAll('button')) button.disabled = true
  }

  #goto(event) {
    const link = event.target.closest('[data-goto]')
    if (!link) return
    event.preventDefault()
    const place = this.places.get(Number(link.dataset.goto))
    place.scrollIntoView({ block: 'start' })
    const input = place.querySelector('input:checked:not([name^="r"])') ?? place.querySelector('input')
    input.focus({ preventScroll: true })
  }
}
