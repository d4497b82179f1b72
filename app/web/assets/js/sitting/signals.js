/** What happens around the paper, recorded as it is: evidence for people to read, never a verdict. Sent in batches. */

const BATCH = 50
/** As many as the server keeps of one kind in a sitting. */
const MOST_OF_A_KIND = 500

export class Signals {
  constructor(line, now, { every, presence }) {
    Object.assign(this, { line, now, every, presence })
    this.waiting = []
    this.number = 0
    this.noted = {}
    this.sentAt = 0
  }

  watch() {
    this.note('opened', { screen: `${screen.width}x${screen.height}` })
    document.addEventListener('visibilitychange', () => this.note(document.hidden ? 'hidden' : 'shown'))
    window.addEventListener('blur', () => this.note('blurred'))
    window.addEventListener('focus', () => this.note('focused'))
    window.addEventListener('offline', () => this.note('offline'))
    window.addEventListener('online', () => this.note('online'))
    document.addEventListener('fullscreenchange', () => this.note(document.fullscreenElement ? 'fullscreen' : 'windowed'))
    document.addEventListener('paste', (event) => this.#moved('pasted', event))
    document.addEventListener('copy', (event) => this.#moved('copied', event))
    window.addEventListener('pagehide', () => this.send({ last: true }))
    this.timer = setInterval(() => this.#tick(), this.every)
    this.send()
  }

  stop() {
    clearInterval(this.timer)
  }

  note(kind, detail = {}) {
    if ((this.noted[kind] ?? 0) >= MOST_OF_A_KIND) return
    this.noted[kind] = (this.noted[kind] ?? 0) + 1
    this.number += 1
    this.waiting.push({ number: this.number, kind, client_at: new Date(this.now()).toISOString(), detail })
  }

  async send(options) {
    const signals = this.waiting.slice(0, BATCH)
    this.sentAt = performance.now()
    try {
      await this.line.post('signals', { signals }, options)
      this.waiting = this.waiting.filter((one) => !signals.includes(one))
    } catch {
      // They wait for the next time; the exam goes on
    }
  }

  /** Now and then a batch goes out empty, so that a change of the network address is seen. */
  #tick() {
    if (this.waiting.length > 0 || performance.now() - this.sentAt >= this.presence) this.send()
  }

  #moved(kind, event) {
    const place = Number(event.target.closest?.('[data-place]')?.dataset.place ?? 0)
    const text = kind === 'pasted' ? (event.clipboardData?.getData('text') ?? '') : String(getSelection())
    this.note(kind, { place, characters: [...text].length })
  }
}
