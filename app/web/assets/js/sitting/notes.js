/** Small notes of one sitting on this device, none of them an answer: which question is open, which were seen, the clock. */

const PREFIX = 'jijing-sitting:'
const YEAR = 365 * 24 * 3600

export class Notes {
  constructor(code) {
    this.name = PREFIX + code
    this.kept = this.#read()
  }

  get(name, otherwise) {
    return this.kept[name] ?? otherwise
  }

  set(name, value) {
    this.kept[name] = value
    try {
      localStorage.setItem(this.name, JSON.stringify(this.kept))
    } catch {
      // A browser that keeps nothing still shows the paper
    }
  }

  clear() {
    this.kept = {}
    try {
      localStorage.removeItem(this.name)
    } catch {
      // Nothing was kept
    }
  }

  #read() {
    try {
      return JSON.parse(localStorage.getItem(this.name)) ?? {}
    } catch {
      return {}
    }
  }
}

/** Large type is kept for the device, so that the next page is drawn large at once. */
export function watchLargeType(button) {
  const root = document.documentElement
  const show = () => button.setAttribute('aria-pressed', String(root.hasAttribute('data-large')))
  button.addEventListener('click', () => {
    root.toggleAttribute('data-large')
    const value = root.hasAttribute('data-large') ? '1' : '0'
    document.cookie = `large-type=${value}; path=/sit; max-age=${YEAR}; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`
    show()
  })
  show()
}
