/** The line to the server: JSON there and back, a time limit, and refusals told apart from a lost connection. */

const LIMIT = 10000

export class Refused extends Error {
  constructor(status, code, message) {
    super(message)
    Object.assign(this, { status, code })
  }
}

/** A random name for this page; works without a secure context. */
export function pageName() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** How long to wait before the next try: twice as long each time up to a bound, and never all candidates at once. */
export function pause(failures, { first, last }) {
  const longest = Math.min(last, first * 2 ** (failures - 1))
  return longest / 2 + (Math.random() * longest) / 2
}

/** A wait that is up to a tenth shorter or longer, so that pages which began together do not ask together. */
export const about = (wait) => wait * (0.9 + Math.random() * 0.2)

export class Line {
  constructor({ base, token, page }) {
    Object.assign(this, { base, token, page })
  }

  /** Post to the sitting; resolves with the answer, rejects with Refused or with a network error. */
  async post(act, body = {}, { last = false, limit = LIMIT } = {}) {
    const sentAt = performance.now()
    const answer = await fetch(`${this.base}/${act}`, {
      method: 'POST',
      credentials: 'same-origin',
      keepalive: last,
      signal: AbortSignal.timeout ? AbortSignal.timeout(limit) : undefined,
      headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRFToken': this.token.value },
      body: JSON.stringify({ page: this.page, ...body }),
    })
    const said = await answer.json().catch(() => ({}))
    if (!answer.ok) throw new Refused(answer.status, said.code ?? said.error ?? '', said.message ?? said.detail ?? '')
    return { ...said, sentAt }
  }

  /** After signing in again in another tab the page needs a new token; tell whether it got one. */
  async renew() {
    const answer = await fetch(this.base, { credentials: 'same-origin', cache: 'no-store', headers: { Accept: 'text/html' } })
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const token = page.querySelector('[data-base] [name="csrf_token"]')
    if (token) this.token.value = token.value
    return token !== null
  }
}
