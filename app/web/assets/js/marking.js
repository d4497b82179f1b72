/**
 * A marker's page: what is typed is kept on the server within two seconds and sent again until it is. Without it the
 * button that saves the draft works.
 */
const QUIET = 800
const RETRY = 4000

class Draft {
  constructor(form) {
    this.form = form
    this.words = JSON.parse(form.dataset.words)
    this.state = document.getElementById('draft-state')
    form.addEventListener('input', () => this.later(QUIET))
    form.addEventListener('submit', () => this.stop())
  }

  later(wait) {
    if (this.stopped) return
    this.typed = true
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.send(), wait)
  }

  stop() {
    this.stopped = true
    clearTimeout(this.timer)
  }

  async send() {
    if (this.sending) return this.later(QUIET)
    this.sending = true
    this.typed = false
    this.say('saving')
    try {
      await this.answered(await this.post())
    } catch {
      this.again('kept')
    } finally {
      this.sending = false
    }
  }

  post() {
    return fetch(this.form.dataset.draft, {
      method: 'POST',
      headers: { Accept: 'application/json' },
      body: new FormData(this.form),
      redirect: 'error',
    })
  }

  async answered(answer) {
    if (answer.ok) {
      this.form.elements.sequence.value = (await answer.json()).sequence
      if (!this.typed) this.say('saved')
    } else if (answer.status === 409) {
      this.stop()
      this.say((await answer.json()).code === 'superseded' ? 'superseded' : 'done')
    } else if ([400, 401, 403].includes(answer.status)) {
      await this.renew()
      this.again('signed_out')
    } else {
      this.again('kept')
    }
  }

  /** After signing in again in another tab the page needs a new token. */
  async renew() {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html')
    const token = page.querySelector('#marking [name="csrf_token"]')
    if (token) this.form.elements.csrf_token.value = token.value
  }

  again(word) {
    this.say(word)
    this.later(RETRY)
  }

  say(word) {
    this.state.textContent = this.words[word]
  }
}

const form = document.getElementById('marking')
if (form) new Draft(form)
