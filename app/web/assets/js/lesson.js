/**
 * Tells the server every half minute that a lesson is being read, while its page is in view, and shows what counts.
 * Without this script the server counts from the opening of the lesson.
 */
const EVERY = 30_000
const STILL = 5 * 60_000

let lastSign = Date.now()

/** Somebody who has not moved for five minutes is not reading. */
function isReading() {
  return !document.hidden && Date.now() - lastSign < STILL
}

async function tell(part) {
  const answer = await fetch(part.dataset.reading, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { Accept: 'application/json', 'X-CSRFToken': part.dataset.token },
  })
  return answer.ok ? answer.json() : null
}

function show(part, state) {
  const text = part.querySelector('[data-reading-text]')
  const bar = part.querySelector('[data-reading-bar]')
  if (text.textContent !== state.text) text.textContent = state.text
  bar.value = state.read
}

/** Once the hours are collected the page is shown again, so that it says so. */
async function beat(part) {
  if (!isReading()) return true
  const state = await tell(part).catch(() => null)
  if (!state) return true
  show(part, state)
  if (state.collected) location.reload()
  return !state.collected
}

export function watchReading(part) {
  for (const sign of ['scroll', 'pointermove', 'keydown', 'play', 'timeupdate']) {
    document.addEventListener(sign, () => { lastSign = Date.now() }, { capture: true, passive: true })
  }
  const timer = setInterval(async () => {
    if (!(await beat(part))) clearInterval(timer)
  }, EVERY)
  beat(part)
}

const part = document.querySelector('[data-reading]')
if (part) watchReading(part)
