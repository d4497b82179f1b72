/**
 * One sitting on one page. A change is kept on the device and sent within two seconds; "saved" is said only after the
 * server has answered that it is durable. The page opened last writes; every other page of the sitting says that it stopped.
 */
import { ServerClock } from './clock.js'
import { sendLeftovers, tell } from './leftovers.js'
import { about, Line, pageName, pause, Refused } from './line.js'
import { Neighbours } from './neighbours.js'
import { Notes, watchLargeType } from './notes.js'
import { Outbox } from './outbox.js'
import { Review } from './review.js'
import { Rhythm } from './rhythm.js'
import { Sheet } from './sheet.js'
import { forgetShell, keepShell, takePage } from './shell.js'
import { Signals } from './signals.js'
import { openStore } from './store.js'
import { Voice } from './voice.js'

const TIMERS = { quiet: 1000, longest: 4000, keep: 250, paused: 5000, first: 1000, last: 15000, signals: 15000, presence: 300000, end: 4000, answer: 8000 }
const MINUTE = 60000

class Sitting {
  constructor(form, html) {
    const { code, base, words, timers } = form.dataset
    Object.assign(this, { form, code, base, html, failures: 0, left: [], unstored: new Set(), keeping: new Map() })
    this.words = JSON.parse(words)
    this.timers = { ...TIMERS, ...JSON.parse(timers ?? '{}') }
    this.rhythm = new Rhythm(this.timers)
    this.page = pageName()
    this.neighbours = new Neighbours(code, this.page)
    this.notes = new Notes(code)
    this.#startClock()
    this.voice = new Voice(this.words)
    this.line = new Line({ base, token: form.elements.csrf_token, page: this.page })
    this.sheet = new Sheet(form, document.getElementById('palette'), this.notes)
    this.outbox = new Outbox(JSON.parse(form.dataset.sequences))
    this.review = new Review(document.getElementById('review'), this.sheet, { onHandIn: () => this.handIn() })
    this.signals = new Signals(this.line, () => this.clock.now(), { every: this.timers.signals, presence: this.timers.presence })
  }

  async open() {
    this.form.reset()
    this.sheet.showAll()
    this.sheet.open(this.sheet.firstPlace(), { focus: false })
    this.#listen()
    this.#tick()
    this.store = await openStore(this.code)
    if (!this.store) this.voice.notice(this.words.insecure)
    await this.#restore()
    this.neighbours.listen({ later: () => this.#takenOver({ here: true }), earlier: () => this.#holdAgain(), left: () => this.#takeUp() })
    await this.flush()
    this.signals.watch()
    this.#beatLater()
    if (!this.sheltered && !this.over) this.sheltered = await keepShell({ worker: this.form.dataset.worker, store: this.store, html: this.html })
    this.form.dataset.ready = this.sheltered ? 'kept' : 'open'
  }

  /** Take up what this device kept: what waits is sent again, what the server has is shown where it cannot be asked. */
  async #restore() {
    const rows = (await this.store?.all().catch(() => [])) ?? []
    this.settled = rows.filter((row) => row.settled)
    this.left.push(...rows.filter((row) => row.aside))
    if ('kept' in this.form.dataset) this.settled.forEach((row) => this.#showSettled(row))
    for (const row of rows.filter((one) => !one.settled && !one.aside)) {
      this.outbox.restore(row)
      if (this.outbox.waiting.get(row.position)?.sequence === row.sequence) this.sheet.write(row)
    }
  }

  #showSettled(row) {
    this.outbox.acknowledge(row.position, row.sequence)
    this.sheet.write(row)
  }

  /** Let this page write, and learn what the server has; the pages of one browser ask one after the other. */
  async hold() {
    this.neighbours.tell({ holds: true })
    const said = await this.neighbours.inTurn(async () => (this.stopped ? null : await this.line.post('hold')))
    if (this.stopped) return
    this.#learn(said)
    const held = new Map(said.answers.map((one) => [one.position, one]))
    for (const one of said.answers) await this.#learnAnswer(one)
    // An answer the server once acknowledged and has no more (its state was put back) goes to it again.
    for (const row of this.settled) if (row.sequence > (held.get(row.position)?.sequence ?? 0)) this.outbox.restore(row)
    this.store?.putSettled(said.answers.filter((one) => !this.outbox.waiting.has(one.position))).catch(() => {})
    this.held = true
    this.settled = []
  }

  /** A page opened before this one asked the server to write: this one asks again. */
  #holdAgain() {
    this.held = false
    this.#later(0)
  }

  async #takeUp() {
    if (this.stopped) return
    await this.#restore()
    this.flush()
  }

  async #learnAnswer(held) {
    const conflict = this.outbox.learn(held)
    if (conflict) {
      this.left.push(conflict)
      await this.store?.putAside(conflict).catch(() => {})
    }
    if (!this.outbox.waiting.has(held.position)) this.sheet.write(held)
  }

  change(position, { typed = false } = {}) {
    if (this.stopped || this.over || !position) return
    const { response, review } = this.sheet.read(position)
    this.outbox.change(position, response, review, new Date(this.clock.now()).toISOString())
    this.#keep(position, typed ? this.timers.keep : 0)
    this.sheet.show(position)
    this.#show()
    this.firstChange ??= performance.now()
    const hurry = !typed || this.clock.secondsUntil(this.deadline) <= 5
    this.#later(hurry ? 0 : Math.min(this.timers.quiet, Math.max(0, this.firstChange + this.timers.longest - performance.now())))
  }

  /** Bring the answer of a place to the disk; typing is gathered for a moment. */
  #keep(position, wait) {
    if (!this.store) return
    this.unstored.add(position)
    clearTimeout(this.keeping.get(position))
    this.keeping.set(position, setTimeout(() => this.#store(position), wait))
  }

  async #store(position) {
    const answer = this.outbox.waiting.get(position)
    this.keeping.delete(position)
    try {
      if (answer) await this.store?.put(answer)
      if (!this.keeping.has(position)) this.unstored.delete(position)
    } catch {
      this.store = null
      this.unstored.clear()
      this.voice.notice(this.words.insecure)
    }
    this.#show()
  }

  async #keepAllNow() {
    const waiting = [...this.keeping.keys()]
    waiting.forEach((position) => clearTimeout(this.keeping.get(position)))
    await Promise.all(waiting.map((position) => this.#store(position)))
  }

  /** Send what waits, one request at a time; go on by itself after a failure. */
  async flush(options) {
    if (this.sending || this.stopped || this.over || this.paused) return
    this.sending = true
    clearTimeout(this.timer)
    try {
      if (!this.held) await this.hold()
      if (this.stopped) return
      await this.#sendLeft()
      while (this.outbox.size > 0 && !this.#idle()) await this.#send(options)
      this.#succeeded()
      if (this.handing && !this.#idle()) await this.#submit()
    } catch (error) {
      await this.#failed(error)
    } finally {
      this.sending = false
      this.#show()
    }
  }

  #idle() {
    return this.stopped || this.over || this.paused
  }

  async #send(options) {
    this.firstChange = undefined
    const answers = this.outbox.batch()
    this.#show()
    const said = await this.line.post('save', { answers }, options)
    this.#learn(said)
    await this.#settle(answers, said)
    this.acknowledgedAt = said.now
    if (said.superseded.length > 0) await this.hold()
  }

  /** Before "saved" is said the answers are on this device as well: a reload without a connection shows them too. */
  async #settle(answers, { saved, superseded }) {
    for (const [position, sequence] of [...saved, ...superseded]) this.outbox.acknowledge(position, sequence)
    const durable = new Map(saved)
    await this.store?.putSettled(answers.filter((one) => durable.get(one.position) === one.sequence)).catch(() => {})
  }

  /** Answers that may not go over newer ones are decided by the server, and the candidate is told. */
  async #sendLeft() {
    if (this.left.length === 0) return
    const { line, store, left } = this
    const outcome = await sendLeftovers({ line, store, answers: left })
    this.left = []
    this.voice.add(tell(outcome, this.words, { late: false }))
  }

  #succeeded() {
    if (this.signedOut) this.voice.notice('')
    this.failures = 0
    this.signedOut = false
    this.acknowledgedAt ??= new Date(this.clock.now()).toISOString()
  }

  async #failed(error) {
    if (error instanceof Refused && error.status === 409) return this.#refused(error)
    if (error instanceof Refused && (error.status === 404 || error.code === 'seb')) return this.#stop(error.message)
    this.failures += 1
    if (error instanceof Refused && [400, 401, 403].includes(error.status)) await this.#signInAgain()
    if (this.handing) this.voice.notice(this.words.unsent)
    this.#later(pause(this.failures, this.timers))
  }

  async #signInAgain() {
    if (await this.line.renew().catch(() => false)) return
    this.signedOut = true
    this.voice.notice(this.words.signed_out)
  }

  #refused(error) {
    if (error.code === 'paused') return this.#pause(true)
    if (error.code === 'taken_over') return this.#takenOver()
    if (error.code === 'late') return this.#timeUp({ sure: true })
    if (error.code === 'submitted') return this.#ended()
    if (error.code === 'too_early') return this.#notYet(error.message)
    return this.#stop(error.message)
  }

  /** Nobody hands in yet: the page says so and goes on. */
  #notYet(text) {
    this.handing = false
    this.voice.notice(text)
  }

  async beat() {
    this.#beatLater()
    if (this.stopped) return
    if (!this.held && !this.over) return void this.flush()
    try {
      const said = await this.line.post('beat', {}, { limit: this.timers.answer })
      this.failures = 0
      this.#learn(said)
      if (!said.holds) await this.#takenOver()
      else if (this.outbox.size > 0) this.flush()
    } catch (error) {
      if (error instanceof Refused && error.status === 409) await this.#refused(error)
      else this.#beatLater(about(pause(++this.failures, this.timers)))
    }
    this.#show()
  }

  handIn() {
    this.handing = true
    if (this.outbox.size > 0) this.voice.notice(this.words.unsent)
    return this.flush()
  }

  async #submit() {
    await this.line.post('submit')
    await this.#ended()
  }

  /** Over for good. Answers that never reached the server are put before it first, and the candidate is told. */
  async #ended() {
    this.#stop(this.words.submitted)
    const told = await this.#putBefore(this.outbox.takeAll(), { late: true })
    await forgetShell(this.store, this.notes)
    if (told) this.voice.offer(this.words.go_on, () => location.assign(this.base))
    else location.assign(this.base)
  }

  async #takenOver({ here = false } = {}) {
    if (this.stopped) return
    this.#stop(this.words.taken_over)
    await this.#keepAllNow()
    // Another tab of this browser has the same store: what waits is its to send.
    if (here && this.store) this.neighbours.tell({ left: true })
    else await this.#putBefore(this.outbox.takeAll(), { late: false })
    this.voice.offer(this.words.take_back, () => location.reload())
  }

  /** Let the server decide about answers that can no longer be saved; tell whether there was something to say. */
  async #putBefore(answers, how) {
    const all = [...this.left, ...answers]
    if (all.length === 0) return false
    try {
      this.voice.add(tell(await sendLeftovers({ line: this.line, store: this.store, answers: all }), this.words, how))
    } catch {
      this.voice.add(this.words.left_waiting.replace('{n}', all.length))
    }
    return true
  }

  /** No more typing. Offline the page cannot know of extra time, so it goes on asking until the server agrees. */
  async #timeUp({ sure = false } = {}) {
    if (this.stopped || (this.over && !sure)) return
    if (!this.over) this.voice.notice(this.words.late)
    this.over = true
    this.sheet.lock()
    this.review.dialog.close()
    this.#show()
    if (!sure) return
    await this.#keepAllNow()
    this.#stop(this.words.late)
    await this.#finishLate([...this.left, ...this.outbox.takeAll()])
  }

  async #finishLate(answers) {
    try {
      if (answers.length > 0) this.voice.add(tell(await sendLeftovers({ line: this.line, store: this.store, answers }), this.words, { late: true }))
    } catch (error) {
      if (error instanceof Refused && [404, 409, 422].includes(error.status)) return this.voice.add(error.message)
      this.failures += 1
      setTimeout(() => this.#finishLate(answers), pause(this.failures, this.timers))
      return
    }
    await forgetShell(this.store, this.notes)
    if (answers.length > 0) this.voice.offer(this.words.go_on, () => location.assign(this.base))
    else setTimeout(() => location.assign(this.base), this.timers.end)
  }

  #goOn() {
    this.over = false
    this.voice.notice('')
    this.sheet.unlock()
    this.flush()
  }

  #pause(on, reason) {
    if (on === Boolean(this.paused) || this.stopped) return
    this.paused = on
    this.voice.paused(on, reason)
    if (on) this.sheet.lock()
    else this.sheet.unlock()
    this.#beatLater()
    if (!on) this.flush()
  }

  #stop(text) {
    this.stopped = true
    clearTimeout(this.timer)
    clearTimeout(this.beatTimer)
    this.signals.stop()
    this.sheet.lock()
    if (this.paused) this.voice.paused(false)
    this.voice.notice(text)
    this.#show()
  }

  #startClock() {
    const { now, deadline, kept } = this.form.dataset
    const noted = this.notes.get('clock')
    this.deadline = deadline
    this.clock = new ServerClock(now)
    this.about = kept !== undefined
    if (kept === undefined || !noted) return
    // The page comes from this device: its time is old, so the device's own clock carries on from the last answer.
    this.clock.set(new Date(Date.parse(noted.now) + Date.now() - noted.device).toISOString(), performance.now())
    this.deadline = noted.deadline
  }

  /** Every answer carries the server's time, the deadline in force and whether the room is paused, with when to ask again. */
  #learn(said) {
    this.clock.set(said.now, said.sentAt)
    this.about = false
    if (said.deadline_at) this.#learnDeadline(said.deadline_at)
    this.notes.set('clock', { now: said.now, device: Date.now(), deadline: this.deadline })
    if ('paused' in said) this.#pause(said.paused, said.pause_reason)
    if (this.rhythm.learn(said)) this.#beatLater()
  }

  #learnDeadline(deadline) {
    const minutes = Math.round((Date.parse(deadline) - Date.parse(this.deadline)) / MINUTE)
    this.deadline = deadline
    if (minutes > 0) this.voice.extended(minutes)
    if (this.over && !this.stopped && this.clock.secondsUntil(deadline) > 0) this.#goOn()
  }

  #later(wait) {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.flush(), wait)
  }

  #beatLater(wait = this.rhythm.wait(this.paused)) {
    clearTimeout(this.beatTimer)
    if (!this.stopped) this.beatTimer = setTimeout(() => this.beat(), wait)
  }

  /** Whether a reload would leave the candidate without the paper: no connection, and no worker that shows it again. */
  get #bare() {
    return this.failures > 0 && !this.stopped && !this.sheltered && !('kept' in this.form.dataset)
  }

  #show() {
    this.voice.bare(this.#bare)
    this.voice.state({
      waiting: this.outbox.size,
      unstored: this.unstored.size,
      keeps: Boolean(this.store),
      failing: this.failures > 0 || Boolean(this.stopped),
      resending: Boolean(this.sending),
      acknowledgedAt: this.acknowledgedAt,
    })
  }

  #tick() {
    if (this.stopped) return
    setTimeout(() => this.#tick(), 1000)
    if (this.paused) return
    if (!this.about && this.clock.slept()) {
      this.about = true
      this.beat()
    }
    const left = this.clock.secondsUntil(this.deadline)
    this.voice.clock(left, { about: this.about })
    if (left === 0 && !this.over) this.#atZero()
  }

  /** What waits goes out before anything else; only then the page closes, or goes on where extra time was given. */
  async #atZero() {
    if (this.closing) return
    this.closing = true
    await this.flush()
    if (!this.stopped) await this.beat()
    this.closing = false
    if (this.clock.secondsUntil(this.deadline) === 0) await this.#timeUp()
  }

  #listen() {
    watchLargeType(document.getElementById('large'))
    this.form.addEventListener('input', (event) => event.target.matches('[data-typed]') && this.change(this.sheet.placeOf(event.target), { typed: true }))
    this.form.addEventListener('change', (event) => {
      if (event.target.matches('[data-typed]')) this.flush()
      else this.change(this.sheet.placeOf(event.target))
    })
    this.form.addEventListener('submit', (event) => this.#onSubmit(event))
    document.addEventListener('keydown', (event) => this.sheet.onKey(event))
    document.getElementById('paused').addEventListener('cancel', (event) => event.preventDefault())
    window.addEventListener('online', () => (this.outbox.size > 0 ? this.flush() : this.beat()))
    window.addEventListener('pageshow', (event) => event.persisted && location.reload())
    document.addEventListener('visibilitychange', () => this.#onVisibility())
    window.addEventListener('beforeunload', (event) => {
      if (this.#bare || (this.outbox.size > 0 && (!this.store || this.unstored.size > 0))) event.preventDefault()
    })
  }

  #onVisibility() {
    if (!document.hidden) return void (this.held && this.beat())
    this.#keepAllNow()
    if (this.outbox.size > 0) this.flush({ last: true })
  }

  #onSubmit(event) {
    event.preventDefault()
    if (event.submitter?.name === 'review') this.review.open(this.outbox.size)
    else this.flush()
  }
}

export function openSitting(form) {
  const html = takePage()
  new Sitting(form, html).open()
}
