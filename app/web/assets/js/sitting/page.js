/**
 * One sitting on one page. A change is kept on the device and sent within two seconds; "saved" is said only after the
 * server has answered that it is durable. The page opened last writes; every other page of the sitting says that it stopped.
 */
import { asClock, ServerClock } from './clock.js'
import { Line, pageName, Refused } from './line.js'
import { Outbox } from './outbox.js'
import { Sheet } from './sheet.js'
import { openStore } from './store.js'

const QUIET = 600
const LATEST = 1500
const BEAT = 20000
const FIRST_RETRY = 1000
const LAST_RETRY = 15000
const LOW = 300
const SPOKEN = [600, 300, 60]
const SHOW_END = 4000

class Sitting {
  constructor(form) {
    this.form = form
    this.words = JSON.parse(form.dataset.words)
    this.deadline = form.dataset.deadline
    this.clock = new ServerClock(form.dataset.now)
    this.page = pageName()
    this.line = new Line(form, this.page)
    this.sheet = new Sheet(form, document.getElementById('palette'))
    this.outbox = new Outbox(JSON.parse(form.dataset.sequences))
    this.failures = 0
    this.told = new Set()
  }

  async open() {
    this.form.reset()
    this.sheet.showAll()
    this.#listen()
    this.#tick()
    this.store = await openStore(this.form.dataset.code)
    if (!this.store) this.#notice(this.words.insecure)
    for (const answer of (await this.store?.all().catch(() => [])) ?? []) {
      if (this.outbox.restore(answer)) this.sheet.write(answer)
    }
    this.#announce()
    await this.flush()
    setInterval(() => this.beat(), BEAT)
  }

  /** Let this page write, and learn what the server has. */
  async hold() {
    const said = await this.line.post('hold')
    this.#learnTime(said)
    for (const known of said.answers) this.#learn(known)
    this.held = true
    this.channel?.postMessage(this.page)
  }

  /** What waits and is older than the server's answer goes into the history only; the newer one is shown. */
  #learn(known) {
    const waiting = this.outbox.waiting.get(known.position)
    this.outbox.learn(known)
    if (!this.outbox.waiting.has(known.position)) {
      if (waiting) this.store?.remove(known.position, waiting.sequence)
      this.sheet.write(known)
    } else if (waiting.sequence <= known.sequence) {
      this.sheet.write(known)
      this.#notice(this.words.superseded.replace('{n}', known.position))
    }
  }

  change(position) {
    if (this.stopped || !position) return
    const { choice, review } = this.sheet.read(position)
    const answer = this.outbox.change(position, choice, review, new Date(this.clock.now()).toISOString())
    this.store?.put(answer).catch(() => {
      this.store = null
      this.#show()
    })
    this.sheet.show(position)
    this.#show()
    this.firstChange ??= performance.now()
    const wait = Math.min(QUIET, Math.max(0, this.firstChange + LATEST - performance.now()))
    this.#later(this.clock.secondsUntil(this.deadline) <= 5 ? 0 : wait)
  }

  /** Send what waits, one request at a time; go on by itself after a failure. */
  async flush(options) {
    if (this.sending || this.stopped) return
    this.sending = true
    try {
      if (!this.held) await this.hold()
      while (this.outbox.size > 0 && !this.stopped) await this.#send(options)
      this.#succeeded()
      if (this.handing && !this.stopped) await this.#submit()
    } catch (error) {
      await this.#failed(error)
    } finally {
      this.sending = false
      this.#show()
    }
  }

  async #send(options) {
    this.firstChange = undefined
    const answers = this.outbox.batch()
    const said = await this.line.post('save', { answers }, options)
    this.#learnTime(said)
    for (const [position, sequence] of [...said.saved, ...said.superseded]) {
      this.outbox.acknowledge(position, sequence)
      this.store?.remove(position, sequence).catch(() => {})
    }
    if (said.superseded.length > 0) await this.hold()
  }

  #succeeded() {
    if (this.failures > 0 && this.outbox.size === 0) this.#say(this.words.resent)
    if (this.signedOut) this.#notice('')
    this.failures = 0
    this.signedOut = false
  }

  async #failed(error) {
    if (error instanceof Refused && error.status === 409) return this.#refused(error)
    if (error instanceof Refused && error.status === 404) return this.#stop(error.message)
    this.failures += 1
    if (error instanceof Refused && [400, 401, 403].includes(error.status)) await this.#signInAgain()
    if (this.handing) this.#notice(this.words.unsent)
    this.#later(Math.min(LAST_RETRY, FIRST_RETRY * 2 ** (this.failures - 1)))
  }

  async #signInAgain() {
    if (await this.line.renew().catch(() => false)) return
    this.signedOut = true
    this.#notice(this.words.signed_out)
  }

  #refused(error) {
    if (error.code === 'taken_over') this.#takenOver()
    else if (error.code === 'late') this.#timeUp()
    else if (error.code === 'submitted') this.#ended(this.words.submitted)
    else this.#stop(error.message)
  }

  async beat() {
    if (this.stopped) return
    if (!this.held) return void this.flush()
    try {
      const said = await this.line.post('beat')
      this.#learnTime(said)
      if (!said.holds) this.#takenOver()
      else if (this.outbox.size > 0) this.flush()
    } catch (error) {
      if (error instanceof Refused && error.status === 409) this.#refused(error)
    }
  }

  handIn() {
    this.handing = true
    if (this.outbox.size > 0) this.#notice(this.words.unsent)
    return this.flush()
  }

  async #submit() {
    await this.line.post('submit')
    await this.#ended(this.words.submitted)
  }

  async #ended(text) {
    this.#stop(text)
    await this.store?.clear().catch(() => {})
    location.assign(this.form.dataset.base)
  }

  #takenOver() {
    if (this.stopped) return
    this.#stop(this.words.taken_over)
    const button = document.createElement('button')
    Object.assign(button, { type: 'button', className: 'button button-primary', textContent: this.words.take_back })
    button.addEventListener('click', () => location.reload())
    document.getElementById('notice').append(button)
  }

  #timeUp() {
    if (this.stopped) return
    this.#stop(this.words.late)
    setTimeout(() => location.assign(this.form.dataset.base), SHOW_END)
  }

  #stop(text) {
    this.stopped = true
    clearTimeout(this.timer)
    this.sheet.lock()
    this.#notice(text)
    this.#show()
  }

  #learnTime(said) {
    this.clock.set(said.now, said.sentAt)
    if (said.deadline_at) this.deadline = said.deadline_at
  }

  #later(wait) {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.flush(), wait)
  }

  /** Say how things stand: saved, being saved, kept here, or only in this page. */
  #show() {
    const n = this.outbox.size
    const kept = this.store ? this.words.kept : this.words.page_only
    const [text, state] =
      n === 0 ? [this.words.saved, 'saved'] : this.failures > 0 || this.stopped ? [kept.replace('{n}', n), 'kept'] : [this.words.saving, 'saving']
    const place = document.getElementById('saved')
    if (place.dataset.state === 'saving' && state === 'kept') this.#say(text)
    place.dataset.state = state
    place.textContent = n === 0 && !this.held ? '' : text
    this.#count()
  }

  #count() {
    const { open, review } = this.sheet.count()
    const words = open > 0 ? this.words.open_ones : this.words.all_answered
    document.getElementById('submit').dataset.confirm = words.replace('{n}', open).replace('{m}', review)
  }

  #tick() {
    const left = this.clock.secondsUntil(this.deadline)
    const place = document.getElementById('clock')
    place.textContent = asClock(left)
    place.toggleAttribute('data-low', left <= LOW)
    for (const mark of SPOKEN) {
      if (left > mark || this.told.has(mark)) continue
      this.told.add(mark)
      if (left > mark - 5) this.#say(this.words.minutes_left.replace('{n}', mark / 60))
    }
    if (left === 0 && !this.stopped) this.flush().finally(() => this.#timeUp())
    if (!this.stopped) setTimeout(() => this.#tick(), 1000)
  }

  #notice(text) {
    document.getElementById('notice').textContent = text
  }

  #say(text) {
    document.getElementById('spoken').textContent = text
  }

  /** Tell the other pages of this browser at once; pages on other machines learn it from the server. */
  #announce() {
    if (!window.BroadcastChannel) return
    this.channel = new BroadcastChannel(`sitting:${this.form.dataset.code}`)
    this.channel.addEventListener('message', (event) => {
      if (event.data !== this.page) this.#takenOver()
    })
  }

  #listen() {
    this.form.addEventListener('change', (event) => this.change(this.sheet.placeOf(event.target)))
    this.form.addEventListener('submit', (event) => this.#onSubmit(event))
    window.addEventListener('online', () => this.flush())
    window.addEventListener('pageshow', (event) => event.persisted && location.reload())
    document.addEventListener('visibilitychange', () => document.hidden && this.outbox.size > 0 && this.flush({ last: true }))
    window.addEventListener('beforeunload', (event) => {
      if (this.outbox.size > 0 && !this.store) event.preventDefault()
    })
  }

  /** The page's own dialogue asks first; only the agreed press hands in. */
  #onSubmit(event) {
    const button = event.submitter
    if (button?.dataset.confirm && !button.dataset.confirmed) return
    event.preventDefault()
    if (button?.name === 'submit') this.handIn()
    else this.flush()
  }
}

export function openSitting(form) {
  new Sitting(form).open()
}
