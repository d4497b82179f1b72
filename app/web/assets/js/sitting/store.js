/**
 * Answers that the server has not acknowledged, kept on this device: sealed with an AES-GCM key that no script can read
 * out, in a database of this browser profile. They outlive a reload, a crash and hours without a connection.
 */

const NAME = 'jijing-sitting'
const KEYS = 'keys'
const ANSWERS = 'answers'

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

const committed = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error)
  })

function openDatabase() {
  const request = indexedDB.open(NAME, 1)
  request.onupgradeneeded = () => {
    request.result.createObjectStore(KEYS)
    request.result.createObjectStore(ANSWERS, { keyPath: ['code', 'position'] }).createIndex('code', 'code')
  }
  return done(request)
}

/** The key of this profile; where two pages make one at once, the first stored wins for both. */
async function openKey(database) {
  const known = await done(database.transaction(KEYS).objectStore(KEYS).get('answers'))
  if (known) return known
  const made = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const transaction = database.transaction(KEYS, 'readwrite', { durability: 'strict' })
  const request = transaction.objectStore(KEYS).add(made, 'answers')
  request.onerror = (event) => event.preventDefault()
  await committed(transaction)
  return done(database.transaction(KEYS).objectStore(KEYS).get('answers'))
}

const bound = (code, answer) => new TextEncoder().encode(`${code}/${answer.position}/${answer.sequence}`)

class Store {
  constructor(database, key, code) {
    Object.assign(this, { database, key, code })
  }

  async put(answer) {
    const iv = crypto.getRandomValues(new Uint8Array(12))
    const plain = new TextEncoder().encode(JSON.stringify(answer))
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: bound(this.code, answer) }, this.key, plain)
    const transaction = this.database.transaction(ANSWERS, 'readwrite', { durability: 'strict' })
    const answers = transaction.objectStore(ANSWERS)
    const request = answers.get([this.code, answer.position])
    request.onsuccess = () => {
      if ((request.result?.sequence ?? 0) > answer.sequence) return
      answers.put({ code: this.code, position: answer.position, sequence: answer.sequence, iv, sealed })
    }
    await committed(transaction)
  }

  /** Forget an answer the server has; a newer one of the same place stays. */
  async remove(position, sequence) {
    const transaction = this.database.transaction(ANSWERS, 'readwrite')
    const answers = transaction.objectStore(ANSWERS)
    const request = answers.get([this.code, position])
    request.onsuccess = () => {
      if (request.result?.sequence === sequence) answers.delete([this.code, position])
    }
    await committed(transaction)
  }

  async all() {
    const rows = await done(this.database.transaction(ANSWERS).objectStore(ANSWERS).index('code').getAll(this.code))
    const opened = await Promise.all(rows.map((row) => this.#open(row).catch(() => null)))
    return opened.filter((answer) => answer !== null)
  }

  async clear() {
    for (const answer of await this.all()) await this.remove(answer.position, answer.sequence)
  }

  async #open({ position, sequence, iv, sealed }) {
    const additionalData = bound(this.code, { position, sequence })
    return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, this.key, sealed)))
  }
}

/** Open the store of a sitting; null where the page may keep nothing (no secure connection, or storage refused). */
export async function openStore(code) {
  if (!window.isSecureContext || !crypto.subtle || !window.indexedDB) return null
  try {
    const database = await openDatabase()
    return new Store(database, await openKey(database), code)
  } catch {
    return null
  }
}
