/**
 * The worker of a sitting. It does one thing: when the server cannot be reached, the address of a sitting still shows
 * the paper, opened from its sealed copy on this device. Everything else goes to the network as ever.
 */
import { openStore } from './sitting/store.js'

const CACHE = 'jijing-sitting'
const PAPER = /^\/sit\/([0-9a-z]{26})$/
const UNREACHABLE = new Set([502, 503, 504])
const PATIENCE = 8000
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))
self.addEventListener('message', (event) => event.waitUntil(keep(event.data.keep)))
self.addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url)
  if (event.request.method !== 'GET' || origin !== self.location.origin) return
  const paper = event.request.mode === 'navigate' && pathname.match(PAPER)
  if (paper) event.respondWith(show(event.request, paper[1]))
  else if (pathname.startsWith('/static/')) event.respondWith(caches.match(event.request).then((kept) => kept ?? fetch(event.request)))
})

async function keep(addresses) {
  const cache = await caches.open(CACHE)
  await Promise.all(addresses.map(async (address) => (await cache.match(address)) ?? cache.add(address)))
}

/** The server's page while it answers in time, else the kept one. */
async function show(request, code) {
  const late = new Promise((resolve) => setTimeout(() => resolve(null), PATIENCE))
  const asked = fetch(request)
  const answer = await Promise.race([asked, late]).catch(() => null)
  if (answer && !UNREACHABLE.has(answer.status)) return answer
  return (await kept(code)) ?? answer ?? asked
}

async function kept(code) {
  const store = await openStore(code)
  const html = await store?.paper().catch(() => null)
  if (!html) return null
  const marked = html.replace('id="sitting"', 'id="sitting" data-kept')
  return new Response(marked, { headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': POLICY, 'Cache-Control': 'no-store' } })
}
