/** Small conveniences; every one of them has a plain link or text beneath it. */

/** Take over the theme at once; the link still works without scripts. */
async function chooseTheme(link, event) {
  event.preventDefault()
  const name = link.dataset.themeChoice
  await fetch(link.href, { redirect: 'manual', credentials: 'same-origin' })
  document.documentElement.toggleAttribute('data-theme', name !== 'auto')
  if (name !== 'auto') document.documentElement.dataset.theme = name
  document.querySelector('meta[name="color-scheme"]').content = name === 'auto' ? 'light dark' : name
  for (const other of document.querySelectorAll('[data-theme-choice]')) {
    if (other.dataset.themeChoice === name) other.setAttribute('aria-current', 'true')
    else other.removeAttribute('aria-current')
  }
  document.dispatchEvent(new CustomEvent('themechange'))
}

async function copy(button) {
  const text = button.parentElement.querySelector('[data-copy-source]').textContent
  const label = button.querySelector('[data-copy-label]')
  await navigator.clipboard.writeText(text)
  const before = label.textContent
  label.textContent = button.dataset.copied
  setTimeout(() => {
    label.textContent = before
  }, 2000)
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll('details[data-menu][open]')) if (menu !== except) menu.open = false
}

function onKey(event) {
  if (event.key === 'Escape') {
    const open = document.querySelector('details[data-menu][open]')
    closeMenus(null)
    open?.querySelector('summary').focus()
  }
  if (['ArrowDown', 'ArrowUp'].includes(event.key)) moveRow(event)
}

/** In a table of records the arrow keys walk from link to link. */
function moveRow(event) {
  const row = event.target.closest?.('tr[data-href]')
  if (!row || event.target.closest('input, select, textarea')) return
  const next = event.key === 'ArrowDown' ? row.nextElementSibling : row.previousElementSibling
  const link = next?.querySelector('a')
  if (!link) return
  event.preventDefault()
  link.focus()
}

/** A press anywhere in the row opens the record, unless text is being selected or a control was meant. */
function openRow(event) {
  const row = event.target.closest('tr[data-href]')
  if (!row || event.target.closest('a, button, input, select, label, summary') || String(getSelection())) return
  row.querySelector('a')?.click()
}

function onClick(event) {
  const theme = event.target.closest('[data-theme-choice]')
  const copier = event.target.closest('[data-copy]')
  if (theme) chooseTheme(theme, event)
  else if (copier) copy(copier)
  else if (event.target.closest('[data-print]')) window.print()
  else if (event.target.closest('[data-dismiss]')) event.target.closest('[data-dismissible]').remove()
  else openRow(event)
  closeMenus(event.target.closest('details[data-menu]'))
}

export function watchDisplay() {
  document.addEventListener('click', onClick)
  document.addEventListener('keydown', onKey)
  for (const button of document.querySelectorAll('[data-dismiss]')) button.hidden = false
  for (const button of document.querySelectorAll('[data-print]')) button.hidden = false
  if (navigator.clipboard) for (const button of document.querySelectorAll('[data-copy]')) button.hidden = false
}
