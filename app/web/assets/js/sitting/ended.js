/** The page of a sitting that is over: what this device still keeps goes to the server, is told, and is wiped. */
import { sendLeftovers, tell } from './leftovers.js'
import { Line, pageName, pause, Refused } from './line.js'
import { Notes } from './notes.js'
import { forgetShell } from './shell.js'
import { openStore } from './store.js'

const RETRY = { first: 1000, last: 15000 }

export async function clearUp(place) {
  const { code, base, words } = place.dataset
  const store = await openStore(code)
  const answers = ((await store?.all().catch(() => [])) ?? []).filter((row) => !row.settled)
  const line = new Line({ base, token: place.querySelector('[name="csrf_token"]'), page: pageName() })
  const notice = document.getElementById('notice')
  for (let failures = 1; answers.length > 0; failures += 1) {
    try {
      notice.textContent = tell(await sendLeftovers({ line, store, answers }), JSON.parse(words), { late: true })
      break
    } catch (error) {
      if (error instanceof Refused && error.status < 500) notice.textContent = error.message
      if (error instanceof Refused && error.status < 500) return
      notice.textContent = JSON.parse(words).left_waiting.replace('{n}', answers.length)
      await new Promise((resolve) => setTimeout(resolve, pause(failures, RETRY)))
    }
  }
  await forgetShell(store, new Notes(code))
}
