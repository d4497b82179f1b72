/**
 * The key file of a trustee: a seed of 32 bytes under a passphrase (PBKDF2-HMAC-SHA-256, AES-256-GCM), kept in this
 * browser and downloaded once. The server never sees it.
 */
import { concat, fromHex, toHex, utf8 } from './group.js'

export const FORMAT = 'jijing-ballot-key-1'
const ITERATIONS = 600000
const STORE = 'keys'

async function sealer(passphrase, salt, iterations) {
  const base = await crypto.subtle.importKey('raw', utf8(passphrase.normalize('NFKC')), 'PBKDF2', false, ['deriveKey'])
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations }
  return crypto.subtle.deriveKey(how, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

const aboutOf = ({ ballot, ceremony, place }) => utf8(`${FORMAT} ${ballot} ${ceremony} ${place}`)
const random = (length) => crypto.getRandomValues(new Uint8Array(length))

export async function sealSeed(seed, passphrase, { ballot, ceremony, place }) {
  const [salt, iv] = [random(16), random(12)]
  const key = await sealer(passphrase, salt, ITERATIONS)
  const additionalData = aboutOf({ ballot, ceremony, place })
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, seed))
  return { format: FORMAT, ballot, ceremony, place, salt: toHex(salt), iterations: ITERATIONS, sealed: toHex(concat(iv, sealed)) }
}

/** The seed in a key file; rejects where the passphrase is not the one. */
export async function openSeed(file, passphrase) {
  const sealed = fromHex(file.sealed)
  const key = await sealer(passphrase, fromHex(file.salt), file.iterations)
  const how = { name: 'AES-GCM', iv: sealed.slice(0, 12), additionalData: aboutOf(file) }
  return new Uint8Array(await crypto.subtle.decrypt(how, key, sealed.slice(12)))
}

function inStore(mode, work) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('jijing-ballots', 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE)
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      const transaction = opening.result.transaction(STORE, mode)
      const asked = work(transaction.objectStore(STORE))
      transaction.oncomplete = () => resolve(asked.result ?? null)
      transaction.onerror = () => reject(transaction.error)
    }
  })
}

const nameOf = ({ ballot, ceremony, place }) => `${ballot}/${ceremony}/${place}`
export const keep = (file) => inStore('readwrite', (store) => store.put(file, nameOf(file)))
export const kept = (whose) => inStore('readonly', (store) => store.get(nameOf(whose))).catch(() => null)
