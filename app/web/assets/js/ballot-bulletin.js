/** Recomputes a bulletin in the browser of whoever reads it. */
import { get, paint } from './ballots/page.js'
import { verify } from './ballots/tally.js'

const place = document.getElementById('verify')
const words = JSON.parse(place.dataset.words)
const button = place.querySelector('button')
const status = place.querySelector('[role="status"]')
const list = place.querySelector('dl')

function line({ name, passed, detail }) {
  const row = document.createElement('div')
  const term = document.createElement('dt')
  const said = document.createElement('dd')
  term.textContent = words[name]
  said.textContent = passed ? words.pass : `${words.fail} (${detail})`
  row.append(term, said)
  return row
}

async function recompute() {
  status.textContent = words.working
  list.hidden = true
  await paint()
  try {
    const { checks, valid } = verify(await get(place.dataset.bulletin))
    list.replaceChildren(...checks.map(line))
    list.hidden = false
    status.textContent = valid ? words.valid : words.invalid
    place.dataset.result = valid ? 'valid' : 'invalid'
  } catch {
    status.textContent = words.offline
  }
}

button.hidden = false
button.addEventListener('click', recompute)
