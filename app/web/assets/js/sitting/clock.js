/** The server's clock, carried on by the page's own steady timer: the device's clock plays no part while the page lives. */

const SLEPT = 2000

export class ServerClock {
  constructor(now) {
    this.set(now, performance.now())
  }

  /** Take the server's time; half of the way there and back has passed since it was written. */
  set(now, sentAt) {
    const received = performance.now()
    this.base = Date.parse(now) + (received - sentAt) / 2
    this.at = received
    this.device = Date.now()
  }

  now() {
    return this.base + performance.now() - this.at
  }

  /** Whether the device slept: its own clock then went on while the steady timer stood. */
  slept() {
    return Math.abs(Date.now() - this.device - (performance.now() - this.at)) > SLEPT
  }

  secondsUntil(instant) {
    return Math.max(0, Math.ceil((Date.parse(instant) - this.now()) / 1000))
  }
}

/** 75 seconds as 1:15, an hour and more as 1:00:00. */
export function asClock(seconds) {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const shown = parts[0] > 0 ? parts : parts.slice(1)
  return shown.map((part, place) => (place === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}

/** An instant of the server as hours and minutes where the exam is held. */
export function asTime(instant) {
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Shanghai' }).format(new Date(instant))
}

/** Before the window: count down, then fetch the page that offers the start. */
export function countDown(place) {
  const clock = new ServerClock(place.dataset.now)
  const tick = () => {
    const left = clock.secondsUntil(place.dataset.opens)
    place.textContent = asClock(left)
    if (left === 0) location.reload()
    else setTimeout(tick, 1000)
  }
  if (clock.secondsUntil(place.dataset.opens) === 0) return
  place.hidden = false
  tick()
}
