/** The search field of the header: a key to reach it, hits while typing. Without scripts it is a plain form. */

const PAUSE = 200
const LEAST = 1

/** Put the hits below the field as a list that the arrow keys walk through. */
function show(box, input, answer) {
  box.replaceChildren(
    ...answer.results.map((hit, index) => {
      const line = document.createElement('li')
      line.role = 'option'
      line.id = `find-${index}`
      line.ariaSelected = 'false'
      line.dataset.url = hit.url
      const title = document.createElement('span')
      title.className = 'user-data'
      for (const [text, isHit] of hit.parts) {
        const part = document.createElement(isHit ? 'mark' : 'span')
        part.textContent = text
        title.append(part)
      }
      const kind = document.createElement('span')
      kind.className = 'find-kind'
      kind.textContent = hit.kind
      line.append(title, kind)
      return line
    }),
  )
  open(box, input, answer.results.length > 0)
}

function open(box, input, isOpen) {
  box.hidden = !isOpen
  input.setAttribute('aria-expanded', String(isOpen))
  if (!isOpen) input.removeAttribute('aria-activedescendant')
}

/** Move the mark of the chosen hit by one line, round the ends. */
function move(box, input, step) {
  const lines = [...box.children]
  if (box.hidden || lines.length === 0) return
  const now = lines.findIndex((line) => line.ariaSelected === 'true')
  const next = lines[(now + step + lines.length + (now < 0 && step < 0 ? 1 : 0)) % lines.length]
  for (const line of lines) line.ariaSelected = String(line === next)
  input.setAttribute('aria-activedescendant', next.id)
}

function onKey(event, box, input) {
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault()
    move(box, input, event.key === 'ArrowDown' ? 1 : -1)
  } else if (event.key === 'Escape') {
    open(box, input, false)
  } else if (event.key === 'Enter' && !event.isComposing) {
    const chosen = box.querySelector('[aria-selected="true"]')
    if (!chosen || box.hidden) return
    event.preventDefault()
    location.assign(chosen.dataset.url)
  }
}

function watch(form) {
  const input = form.querySelector('input')
  const box = document.createElement('ul')
  box.role = 'listbox'
  box.id = 'find-hits'
  box.className = 'find-hits'
  box.hidden = true
  box.ariaLabel = form.getAttribute('aria-label')
  form.append(box)
  for (const [name, value] of Object.entries({ role: 'combobox', 'aria-controls': box.id, 'aria-expanded': 'false', 'aria-autocomplete': 'list' })) {
    input.setAttribute(name, value)
  }
  let timer
  let asked = 0
  input.addEventListener('input', (event) => {
    clearTimeout(timer)
    if (event.isComposing) return
    timer = setTimeout(ask, PAUSE)
  })
  input.addEventListener('compositionend', () => {
    timer = setTimeout(ask, PAUSE)
  })
  input.addEventListener('keydown', (event) => onKey(event, box, input))
  input.addEventListener('blur', () => setTimeout(() => open(box, input, false), PAUSE))
  box.addEventListener('mousedown', (event) => {
    const line = event.target.closest('[data-url]')
    if (line) location.assign(line.dataset.url)
  })

  async function ask() {
    const typed = input.value.trim()
    const mine = ++asked
    if (typed.length < LEAST) return open(box, input, false)
    const response = await fetch(`${form.dataset.find}?q=${encodeURIComponent(typed)}`, { credentials: 'same-origin' }).catch(() => null)
    if (response?.ok && mine === asked) show(box, input, await response.json())
  }
}

/** The key / goes to the field from anywhere but another field. */
function onSlash(event) {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.target.closest?.('input, textarea, select, [contenteditable]')) return
  const input = document.querySelector('[data-find] input')
  if (!input) return
  event.preventDefault()
  input.focus()
  input.select()
}

export function watchFind() {
  for (const form of document.querySelectorAll('[data-find]')) watch(form)
  document.addEventListener('keydown', onSlash)
}
