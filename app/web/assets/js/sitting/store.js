/**
 * Answers that the server has not acknowledged, and the paper itself, kept on this device: sealed with an AES-GCM key
 * that no script can read out, in a database of this browser profile. They outlive a reload, a crash and hours without
 * a connection, and are wiped when the sitting ends. The page and its worker both open it.
 */

const NAME = 'jijing-sitting'
const VERSION = 2
const KEYS = 'keys'
const ANSWERS = 'answers'
const PAPERS = 'papers'

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
  const request = indexedDB.open(NAME, VERSION)
  request.onupgradeneeded = () => {
    const { result } = request
    const missing = (name) => !result.objectStoreNames.contains(name)
    if (missing(KEYS)) result.createObjectStore(KEYS)
    if (missing(ANSWERS)) result.createObjectStore(ANSWERS, { keyPath: ['code', 'position'] }).createIndex('code', 'code')
    if (missing(PAPERS)) result.createObjectStore(PAPERS, { keyPath: 'code' })
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

const bytes = (text) => new TextEncoder().encode(text)
const bound = (code, row) => `${code}/${row.position}/${row.sequence}`

class Store {
  constructor(database, key, code) {
    Object.assign(this, { database, key, code })
  }

  /** Keep an answer; resolves once it is on the disk. */
  put(answer) {
    return this.#write([{ answer, position: answer.position, settled: false }])
  }

  /** Keep what the server holds, so that a page shown without a connection shows it too; a newer answer of the place stays. */
  putSettled(answers) {
    return this.#write(answers.map((answer) => ({ answer, position: answer.position, settled: true })))
  }

  /** Keep an answer apart that must not go over the server's: its place may be answered anew meanwhile. */
  putAside(answer) {
    return this.#write([{ answer, position: -answer.position, settled: false }])
  }

  /** Forget an answer that the server has decided about; a newer one of the same place stays. */
  async remove(position, sequence) {
    const transaction = this.database.transaction(ANSWERS, 'readwrite', { durability: 'strict' })
    const answers = transaction.objectStore(ANSWERS)
    for (const place of [position, -position]) {
      const request = answers.get([this.code, place])
      request.onsuccess = () => {
        if (request.result?.sequence === sequence && !request.result.settled) answers.delete([this.code, place])
      }
    }
    await committed(transaction)
  }

  /** Every kept answer with `settled` (the server has it) and `aside` (it goes to be decided). */
  async all() {
    const rows = await done(this.database.transaction(ANSWERS).objectStore(ANSWERS).index('code').getAll(this.code))
    const opened = await Promise.all(rows.map((row) => this.#open(row, bound(this.code, row)).catch(() => null)))
    return opened
      .map((text, at) => text && { ...JSON.parse(text), settled: rows[at].settled, aside: rows[at].position < 0 })
      .filter((answer) => answer !== null)
  }

  /** Keep the page with the paper, so that a reload without a connection shows it again. */
  async keepPaper(html) {
    const sealed = await this.#seal(html, this.code)
    const transaction = this.database.transaction(PAPERS, 'readwrite')
    transaction.objectStore(PAPERS).put({ code: this.code, ...sealed })
    await committed(transaction)
  }

  async paper() {
    const row = await done(this.database.transaction(PAPERS).objectStore(PAPERS).get(this.code))
    return row ? this.#open(row, this.code) : null
  }

  /** Wipe everything of this sitting; resolves with whether another sitting still keeps something. */
  async clear() {
    const transaction = this.database.transaction([ANSWERS, PAPERS], 'readwrite', { durability: 'strict' })
    const answers = transaction.objectStore(ANSWERS)
    transaction.objectStore(PAPERS).delete(this.code)
    const request = answers.index('code').getAllKeys(this.code)
    request.onsuccess = () => request.result.forEach((key) => answers.delete(key))
    await committed(transaction)
    const papers = await done(this.database.transaction(PAPERS).objectStore(PAPERS).count())
    return papers > 0
  }

  async #write(rows) {
    const { code } = this
    const sealed = await Promise.all(
      rows.map(async ({ answer, position, settled }) => {
        const row = { code, position, sequence: answer.sequence, settled }
        return { ...row, ...(await this.#seal(JSON.stringify(answer), bound(code, row))) }
      }),
    )
    const transaction = this.database.transaction(ANSWERS, 'readwrite', { durability: 'strict' })
    const answers = transaction.objectStore(ANSWERS)
    for (const row of sealed) {
      const request = answers.get([code, row.position])
      request.onsuccess = () => {
        if ((request.result?.sequence ?? 0) <= row.sequence) answers.put(row)
      }
    }
    await committed(transaction)
  }

  async #seal(text, name) {
    const iv = crypto.getRandomValues(new Uint8Array(12))
    return { iv, sealed: await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: bytes(name) }, this.key, bytes(text)) }
  }

  async #open({ iv, sealed }, name) {
    return new TextDecoder().decode(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: bytes(name) }, this.key, sealed))
  }
}

/** Open the store of a sitting; null where the page may keep nothing (no secure connection, or storage refused). */
export async function openStore(code) {
  if (!globalThis.isSecureContext || !crypto.subtle || !globalThis.indexedDB) return null
  try {
    const database = await openDatabase()
    database.onversionchange = () => database.close()
    return new Store(database, await openKey(database), code)
  } catch {
    return null
  }
}
