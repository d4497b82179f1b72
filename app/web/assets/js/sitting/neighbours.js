/** The other pages of a sitting in this browser: of two the one opened last writes, whichever of them asked the server last. */

const PATIENCE = 10000

export class Neighbours {
  constructor(code, page) {
    Object.assign(this, { name: `sitting:${code}`, page, opened: Date.now() })
  }

  /** Hear of them at once: `later` of a page opened after this one that writes, `earlier` of one before, `left` of one that stopped. */
  listen({ later, earlier, left }) {
    if (!window.BroadcastChannel) return
    this.channel = new BroadcastChannel(this.name)
    this.channel.addEventListener('message', ({ data }) => {
      if (data.page === this.page) return
      if (data.left) left()
      else if (data.opened > this.opened || (data.opened === this.opened && data.page > this.page)) later()
      else earlier()
    })
  }

  tell(said) {
    this.channel?.postMessage({ page: this.page, opened: this.opened, ...said })
  }

  /** Act while no other page does the like, or after a while all the same: it may sleep. */
  async inTurn(act) {
    if (!navigator.locks) return act()
    const asked = new AbortController()
    const tired = setTimeout(() => asked.abort(), PATIENCE)
    const begin = () => {
      clearTimeout(tired)
      return act()
    }
    try {
      return await navigator.locks.request(this.name, { signal: asked.signal }, begin)
    } catch (error) {
      if (asked.signal.aborted) return act()
      throw error
    }
  }
}
