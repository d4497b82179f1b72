/** Keys of issuing bodies and status lists on this device: as old as the server last said, refreshed when it answers. */

const CACHE = 'jijing-v'
const PATIENCE = 8000
export const NOTHING = { version: 1, at: null, bodies: [], keys: [], lists: {} }

/** What this device keeps, or nothing. */
export async function keptTrust(address) {
  try {
    const cache = await caches.open(CACHE)
    return checked(await (await cache.match(address))?.json()) ?? NOTHING
  } catch {
    return NOTHING
  }
}

/** What the server says now, kept on this device; null where it does not answer or something else answers for it. */
export async function askedTrust(address) {
  try {
    const patience = AbortSignal.timeout ? AbortSignal.timeout(PATIENCE) : undefined
    const answer = await fetch(address, { cache: 'no-store', credentials: 'omit', signal: patience })
    if (!answer.ok) return null
    const copy = answer.clone()
    const trust = checked(await answer.json())
    if (trust) await keep(address, copy)
    return trust
  } catch {
    return null
  }
}

async function keep(address, answer) {
  try {
    const cache = await caches.open(CACHE)
    await cache.put(address, answer)
  } catch {
    // Without a secure connection nothing is kept, and the page says so
  }
}

function checked(trust) {
  const isOurs = trust?.version === 1 && Array.isArray(trust.bodies) && Array.isArray(trust.keys) && typeof trust.lists === 'object'
  return isOurs && !Number.isNaN(Date.parse(trust.at)) ? trust : null
}
