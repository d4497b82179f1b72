/** What the page of the QR check says, in the language that was chosen on this device. */

const CHOICE = 'jijing-v-language'
const PLACE = 'Asia/Shanghai'
const WAYS = { zh: 'zh-CN', en: 'en-GB' }
const UNITS = [['day', 24 * 3600 * 1000], ['hour', 3600 * 1000], ['minute', 60 * 1000]]
// A validity ends at the first instant of the day after its last one.
const AS_DAYS = { 'within-validity': 1000, expired: 1000, 'not-yet-valid': 0, 'issuer-distrusted': 0 }

export class Speech {
  constructor(words) {
    this.words = words
    this.language = chosen() ?? (document.documentElement.lang.startsWith('en') ? 'en' : 'zh')
  }

  get other() {
    return this.language === 'zh' ? 'en' : 'zh'
  }

  switch() {
    this.language = this.other
    try {
      localStorage.setItem(CHOICE, this.language)
    } catch {
      // Without storage the choice lasts for this page
    }
  }

  say(key, values = {}) {
    return filled(this.words[this.language].say[key], values)
  }

  has(table, key) {
    return Object.keys(this.words[this.language][table]).includes(key)
  }

  from(table, key) {
    return this.words[this.language][table][key] ?? key
  }

  /** What a check found, as a sentence. */
  sentence({ code, on, reason = '' }) {
    const told = on === null ? '' : code in AS_DAYS ? this.day(on - AS_DAYS[code]) : this.moment(on)
    return filled(this.from('codes', code), { on: told, reason })
  }

  day(instant) {
    return new Intl.DateTimeFormat(WAYS[this.language], { year: 'numeric', month: this.language === 'zh' ? 'long' : 'short', day: 'numeric', timeZone: PLACE }).format(instant)
  }

  moment(instant) {
    const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: PLACE }).format(instant)
    return this.language === 'zh' ? `${this.day(instant)} ${time}` : `${this.day(instant)}, ${time}`
  }

  /** How long ago an instant is: in days, hours or minutes. */
  age(milliseconds) {
    const [unit, length] = UNITS.find((one) => milliseconds >= one[1]) ?? UNITS[UNITS.length - 1]
    const count = Math.floor(milliseconds / length)
    // Safari before 14 cannot say it itself
    if (!Intl.RelativeTimeFormat) return this.say(`age_${unit}`, { count })
    return new Intl.RelativeTimeFormat(WAYS[this.language], { numeric: 'auto' }).format(-count, unit)
  }

  /** Put every word of the page into the language. */
  spread() {
    document.documentElement.lang = this.language === 'zh' ? 'zh-CN' : 'en'
    for (const place of document.querySelectorAll('[data-say]')) place.textContent = this.say(place.dataset.say)
    document.title = document.title.replace(/^[^–]*/, `${this.say('title')} `)
  }
}

function chosen() {
  try {
    const kept = localStorage.getItem(CHOICE)
    return kept in WAYS ? kept : null
  } catch {
    return null
  }
}

function filled(sentence, values) {
  return Object.entries(values).reduce((text, [name, value]) => text.replace(`%(${name})s`, () => value), sentence)
}
