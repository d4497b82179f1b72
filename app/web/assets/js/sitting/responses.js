/** Reading and writing what an answer holds, by the type of the item: the shapes the server keeps. */

const all = (part, selector) => [...part.querySelectorAll(selector)]
const filled = (text) => text.trim() !== ''

/** Where one thing answers the whole part, it is answered or open; of several fields some may be filled. */
const share = (count, of) => (count === 0 ? 'open' : count < of ? 'partly' : 'answered')

const choice = {
  read: (part) => ({ choice: all(part, '[data-choice]:checked').map((input) => input.value).sort() }),
  write: (part, given) => all(part, '[data-choice]').forEach((input) => (input.checked = (given.choice ?? []).includes(input.value))),
  state: (part, given) => (given.choice.length > 0 ? 'answered' : 'open'),
}

const text = {
  read: (part) => ({ text: part.querySelector('[data-text]').value }),
  write: (part, given) => (part.querySelector('[data-text]').value = given.text ?? ''),
  state: (part, given) => (filled(given.text) ? 'answered' : 'open'),
}

const HANDLERS = {
  single: choice,
  multiple: choice,
  true_false: choice,
  short_answer: text,
  essay: text,
  blank: {
    read: (part) => ({ blanks: all(part, '[data-blank]').map((input) => input.value) }),
    write: (part, given) => all(part, '[data-blank]').forEach((input, place) => (input.value = given.blanks?.[place] ?? '')),
    state: (part, given) => share(given.blanks.filter(filled).length, given.blanks.length),
  },
  numeric: {
    read: (part) => ({ number: part.querySelector('[data-number]').value.trim(), unit: part.querySelector('[data-unit]')?.value.trim() ?? '' }),
    write: (part, given) => {
      part.querySelector('[data-number]').value = given.number ?? ''
      const unit = part.querySelector('[data-unit]')
      if (unit) unit.value = given.unit ?? ''
    },
    state: (part, given) => (filled(given.number) ? (part.querySelector('[data-unit]') && !filled(given.unit) ? 'partly' : 'answered') : 'open'),
  },
  matching: {
    read: (part) => ({ pairs: Object.fromEntries(all(part, '[data-prompt]').filter((one) => one.value).map((one) => [one.dataset.prompt, one.value])) }),
    write: (part, given) => all(part, '[data-prompt]').forEach((select) => (select.value = given.pairs?.[select.dataset.prompt] ?? '')),
    state: (part, given) => share(Object.keys(given.pairs).length, all(part, '[data-prompt]').length),
  },
  ordering: {
    read: (part) => ({ order: part.querySelector('[data-order]').dataset.touched ? all(part, '[data-entry]').map((entry) => entry.dataset.entry) : [] }),
    write: (part, given) => arrange(part, given.order ?? []),
    state: (part, given) => (given.order.length > 0 ? 'answered' : 'open'),
  },
}

/** Put the entries of an ordering in an order; nothing given is the order of the paper, which nobody has chosen yet. */
function arrange(part, order) {
  const list = part.querySelector('[data-order]')
  const entries = all(part, '[data-entry]')
  const rank = (entry) => (order.length > 0 ? order.indexOf(entry.dataset.entry) : Number(entry.dataset.first))
  list.append(...entries.sort((one, other) => rank(one) - rank(other)))
  if (order.length > 0) list.dataset.touched = 'yes'
  else delete list.dataset.touched
  number(part)
}

/** Say at each entry where it stands now, in the field without scripts too; take the buttons off that lead nowhere. */
export function number(part) {
  const entries = all(part, '[data-entry]')
  const touched = 'touched' in part.querySelector('[data-order]').dataset
  entries.forEach((entry, place) => {
    entry.querySelector('[data-rank]').textContent = String(place + 1)
    const field = entry.querySelector('[data-place-of]')
    if (field) field.value = touched ? String(place + 1) : ''
    entry.querySelector('[data-move="up"]').disabled = place === 0
    entry.querySelector('[data-move="down"]').disabled = place === entries.length - 1
  })
}

const partsOf = (place) => all(place, '[data-part]')
const handler = (part) => HANDLERS[part.dataset.type]

/** The response of a place as the server takes it. */
export function readResponse(place) {
  const given = partsOf(place).map((part) => handler(part).read(part))
  if (!('case' in place.dataset)) return given[0]
  const states = partsOf(place).map((part, at) => handler(part).state(part, given[at]))
  return { parts: given.map((one, at) => (states[at] === 'open' ? null : one)) }
}

export function writeResponse(place, response) {
  const parts = partsOf(place)
  if ('case' in place.dataset) parts.forEach((part, at) => handler(part).write(part, response.parts?.[at] ?? {}))
  else handler(parts[0]).write(parts[0], response)
}

/** `answered`, `partly` or `open`. */
export function answerState(place) {
  const states = partsOf(place).map((part) => handler(part).state(part, handler(part).read(part)))
  if (states.every((state) => state === 'answered')) return 'answered'
  return states.every((state) => state === 'open') ? 'open' : 'partly'
}

const sorted = (value) =>
  value && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]))
    : Array.isArray(value)
      ? value.map(sorted)
      : value

/** Whether two answers say the same, whatever the order of their keys. */
export const sameAnswer = (one, other) =>
  one.review === other.review && JSON.stringify(sorted(one.response)) === JSON.stringify(sorted(other.response))
