/**
 * The worker of the QR check: it opens that one page without network. It answers for `/v` alone and for files that are
 * named by their content; every other request goes to the network as if it were not there.
 */

const CACHE = 'jijing-v'
const PATIENCE = 3000
const PAGE = new URL(self.registration.scope).pathname

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))
self.addEventListener('message', (event) => event.waitUntil(keep(event.data.keep).then((kept) => event.ports[0]?.postMessage({ kept }))))
self.addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url)
  if (event.request.method !== 'GET' || origin !== self.location.origin) return
  if (event.request.mode === 'navigate' && pathname === PAGE) event.respondWith(open(event.request))
  else if (pathname.startsWith('/static/')) event.respondWith(part(event.request))
})

/** Keep the page as a stranger gets it, and the files it names; forget those of an older page. */
async function keep(addresses) {
  const cache = await caches.open(CACHE)
  try {
    const wanted = new Set(addresses)
    await Promise.all([...wanted].map(async (address) => (await cache.match(address)) ?? cache.add(address)))
    const page = await fetch(PAGE, { credentials: 'omit', cache: 'no-store' })
    if (!page.ok) return false
    await cache.put(PAGE, page)
    for (const request of await cache.keys()) {
      const { pathname } = new URL(request.url)
      if (pathname.startsWith('/static/') && !wanted.has(pathname)) await cache.delete(request)
    }
    return true
  } catch {
    return Boolean(await cache.match(PAGE))
  }
}

/** The server's page while it answers in time, else the kept one. */
async function open(request) {
  const late = new Promise((resolve) => setTimeout(() => resolve(null), PATIENCE))
  const asked = fetch(request)
  const answer = await Promise.race([asked, late]).catch(() => null)
  if (answer && answer.status < 500) return answer
  const cache = await caches.open(CACHE)
  return (await cache.match(PAGE)) ?? answer ?? asked
}

async function part(request) {
  const cache = await caches.open(CACHE)
  return (await cache.match(request)) ?? fetch(request)
}
