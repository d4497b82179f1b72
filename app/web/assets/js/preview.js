/**
 * A preview that follows what is typed: data-preview="<address>" around a form names where its entries are sent, unsaved,
 * and data-preview-of the id of the part that is taken from the answer. One request at a time; while one is under way what
 * was typed meanwhile waits for it. Without this script a button of the form asks for the same page.
 */
const PAUSE = 900

class Preview {
  constructor(around) {
    this.form = around.querySelector('form')
    this.address = around.dataset.preview
    this.target = around.dataset.previewOf
    this.state = document.querySelector('[data-preview-state]')
    this.timer = null
    this.isBusy = false
    this.isStale = false
  }

  watch() {
    this.form.addEventListener('input', () => this.later())
    this.form.addEventListener('submit', (event) => {
      if (!event.submitter?.hasAttribute('formaction')) return
      event.preventDefault()
      event.stopImmediatePropagation()
      this.draw()
    }, { capture: true })
  }

  later() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.draw(), PAUSE)
  }

  async draw() {
    clearTimeout(this.timer)
    this.isStale = this.isBusy
    if (this.isBusy) return
    this.isBusy = true
    this.tell('previewState')
    try {
      await this.take()
      this.tell(null)
    } catch {
      this.tell('previewFails')
    }
    this.isBusy = false
    if (this.isStale) await this.draw()
  }

  /** Put the part of the answer in place of the old one; any other answer, such as a sign-in page, is a failure. */
  async take() {
    const answer = await fetch(this.address, { method: 'POST', body: new FormData(this.form), credentials: 'same-origin' })
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const fresh = page.getElementById(this.target)
    if (!fresh) throw new Error(answer.statusText)
    document.getElementById(this.target).replaceWith(fresh)
  }

  tell(name) {
    this.state.textContent = name ? this.state.dataset[name] : ''
    document.getElementById(this.target).setAttribute('aria-busy', String(name === 'previewState'))
  }
}

for (const around of document.querySelectorAll('[data-preview]')) new Preview(around).watch()
