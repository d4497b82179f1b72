/**
 * Asks the device for a passkey when a form within `data-passkey` is sent, and sends its answer with the form.
 * `data-options` holds what the server asks, in the JSON form of WebAuthn: bytes are base64url.
 */

/** The bytes behind a text in base64url. */
function bytesOf(text) {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0))
}

/** A text in base64url for bytes. */
function textOf(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer))
  return btoa(plain).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function withBytes(descriptors) {
  return (descriptors ?? []).map((one) => ({ ...one, id: bytesOf(one.id) }))
}

function create(options) {
  return navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytesOf(options.challenge),
      user: { ...options.user, id: bytesOf(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
    },
  })
}

function get(options) {
  return navigator.credentials.get({
    publicKey: { ...options, challenge: bytesOf(options.challenge), allowCredentials: withBytes(options.allowCredentials) },
  })
}

const ASK = { create, get }
const PARTS = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']

/** The answer of the device in JSON. */
function written(credential) {
  const given = PARTS.filter((part) => credential.response[part])
  const response = Object.fromEntries(given.map((part) => [part, textOf(credential.response[part])]))
  return JSON.stringify({
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: {},
  })
}

function say(part, words) {
  const place = part.querySelector('[data-passkey-error]')
  place.querySelector('p').textContent = words
  place.hidden = !words
}

/** Hold the form back until the device has answered; a name that is missing is the server's to ask for. */
async function ask(part, form, event) {
  const field = form.querySelector('[name="credential"]')
  if (field.value) return
  event.preventDefault()
  if (!window.PublicKeyCredential) {
    say(part, part.dataset.missing)
    return
  }
  say(part, '')
  try {
    field.value = written(await ASK[part.dataset.passkey](JSON.parse(part.dataset.options)))
  } catch {
    say(part, part.dataset.refused)
    return
  }
  form.requestSubmit()
}

for (const part of document.querySelectorAll('[data-passkey]')) {
  const form = part.querySelector('form')
  form.addEventListener('submit', (event) => ask(part, form, event))
}
