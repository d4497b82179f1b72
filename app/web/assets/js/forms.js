/** Forms that do not send twice, ask before what cannot be undone, and never lose what was typed. */

/** A form is sent once: a second press is ignored until the page is shown again. */
function sendOnce(form, event) {
  if (event.defaultPrevented) return
  if (form.dataset.sent) {
    event.preventDefault()
    return
  }
  if (form.method === 'get') return
  form.dataset.sent = 'yes'
  form.removeAttribute('data-changed')
  for (const button of form.querySelectorAll('button[type="submit"]')) button.setAttribute('aria-disabled', 'true')
}

function allowAgain() {
  for (const form of document.querySelectorAll('form[data-sent]')) {
    form.removeAttribute('data-sent')
    for (const button of form.querySelectorAll('[aria-disabled]')) button.removeAttribute('aria-disabled')
  }
}

/** Ask with the page's own dialogue, then send with the very button that was pressed. */
function askFirst(form, event) {
  const button = event.submitter
  const dialog = document.getElementById('confirm')
  if (!button?.dataset.confirm || !dialog?.showModal || button.dataset.confirmed) return
  event.preventDefault()
  dialog.querySelector('[data-confirm-text]').textContent = button.dataset.confirm
  dialog.returnValue = ''
  dialog.addEventListener('close', () => sendIfAgreed(form, button, dialog), { once: true })
  dialog.showModal()
}

function sendIfAgreed(form, button, dialog) {
  button.focus()
  if (dialog.returnValue !== 'yes') return
  button.dataset.confirmed = 'yes'
  form.requestSubmit(button)
  delete button.dataset.confirmed
}

function showFileName(input) {
  const place = input.parentElement.querySelector('[data-file-name]')
  if (place) place.textContent = [...input.files].map((file) => `${file.name} (${size(file.size)})`).join(', ')
}

function size(bytes) {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`
}

export function watchForms() {
  document.addEventListener('submit', (event) => {
    if (event.target.method === 'dialog') return
    askFirst(event.target, event)
    sendOnce(event.target, event)
  })
  document.addEventListener('input', (event) => {
    event.target.form?.toggleAttribute('data-changed', true)
  })
  document.addEventListener('change', (event) => {
    if (event.target.type === 'file') showFileName(event.target)
  })
  window.addEventListener('pageshow', allowAgain)
  window.addEventListener('beforeunload', (event) => {
    if (document.querySelector('form[data-guard][data-changed]')) event.preventDefault()
  })
  document.querySelector('[data-error-summary]')?.focus()
}
