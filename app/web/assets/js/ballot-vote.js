/** A voter's ballot: encrypts in this page, sends, and forgets what was chosen. */
import { download, paint, post } from './ballots/page.js'
import { makeVote, readElection } from './ballots/votes.js'

const place = document.getElementById('ballot')
const status = document.getElementById('ballot-status')
const words = JSON.parse(place.dataset.words)
const election = JSON.parse(place.dataset.election)
let prepared = null
let sending = false

function chosen(form) {
  return [...form.querySelectorAll('[data-question]')].map((one) => [one, one.querySelector('input:checked')?.value ?? null])
}

/** Mark the questions without a choice and list them at the top; tell whether all have one. */
function complete(form, answers) {
  const summary = form.querySelector('#ballot-errors')
  const missing = answers.filter(([, choice]) => choice === null).map(([one]) => one)
  for (const [one] of answers) one.classList.toggle('field-bad', missing.includes(one))
  summary.hidden = missing.length === 0
  summary.querySelector('ul').replaceChildren(...missing.map((one) => {
    const item = document.createElement('li')
    const link = document.createElement('a')
    link.href = `#${one.querySelector('input').id}`
    link.textContent = one.dataset.missing
    item.append(link)
    return item
  }))
  if (missing.length > 0) summary.focus()
  return missing.length === 0
}

/** The same choices are encrypted once, so that sending again sends the same vote. */
function encrypted(answers) {
  const named = answers.map(([one, choice]) => [one.dataset.question, choice])
  const same = prepared !== null && prepared.chosen === JSON.stringify(named)
  if (!same) prepared = { chosen: JSON.stringify(named), vote: makeVote(readElection(election), place.dataset.voter, named) }
  return prepared.vote
}

function showReceipt({ ballot, hash }) {
  prepared = null
  const receipt = document.getElementById('ballot-receipt').content.cloneNode(true)
  const section = receipt.querySelector('section')
  receipt.querySelector('[data-hash]').textContent = hash
  receipt.querySelector('[data-find]').href += `?hash=${hash}`
  receipt.querySelector('[data-download]').addEventListener('click', () => download(`receipt-${ballot}.json`, { ballot, hash }))
  document.getElementById('ballot-form').remove()
  document.getElementById('ballot-place').replaceChildren(receipt)
  status.textContent = ''
  section.focus()
}

/** What is incomplete is never asked about; then the page's own dialogue asks, and the agreed press comes back here. */
function pressed(event) {
  const form = event.target
  const answers = chosen(form)
  const asked = event.submitter?.dataset
  if (!sending && complete(form, answers) && asked?.confirm && !asked.confirmed) return
  event.preventDefault()
  event.stopPropagation()
  if (!sending && complete(form, answers)) cast(form, answers)
}

async function cast(form, answers) {
  sending = true
  status.textContent = words.working
  await paint()
  try {
    showReceipt(await post(place.dataset.action, form.elements.csrf_token.value, { voter: place.dataset.voter, vote: encrypted(answers) }))
  } catch (error) {
    status.textContent = words.failed.replace('{reason}', error.message || words.offline)
  }
  sending = false
}

document.getElementById('ballot-place').append(document.getElementById('ballot-form').content.cloneNode(true))
document.getElementById('ballot-choices').addEventListener('submit', pressed)
