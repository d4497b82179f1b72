/** Keeps the page itself on the device while the sitting runs, so that a reload without a connection shows it again. */

const assetsOf = (page) =>
  [...page.querySelectorAll('link[href], script[src], img[src], use[href]')]
    .map((one) => new URL(one.href?.baseVal ?? one.href ?? one.src, location.href))
    .filter((address) => address.origin === location.origin && address.pathname.startsWith('/static/'))
    .map((address) => address.pathname + address.search)

/** The page as the server sent it; taken before anything is changed. */
export const takePage = () => `<!doctype html>\n${document.documentElement.outerHTML}`

export async function keepShell({ worker, store, html }) {
  if (!worker || !store || !navigator.serviceWorker) return false
  try {
    await navigator.serviceWorker.register(worker, { scope: '/sit/' })
    await store.keepPaper(html)
    const { active } = await navigator.serviceWorker.ready
    active.postMessage({ keep: [...new Set(assetsOf(document))] })
    return true
  } catch {
    return false
  }
}

/** The sitting is over: nothing of it stays, and with the last one the worker goes too. */
export async function forgetShell(store, notes) {
  notes.clear()
  const others = (await store?.clear().catch(() => false)) ?? false
  if (others || !navigator.serviceWorker) return
  for (const name of await caches.keys()) if (name.startsWith('jijing-sitting')) await caches.delete(name)
  for (const one of await navigator.serviceWorker.getRegistrations()) if (new URL(one.scope).pathname === '/sit/') await one.unregister()
}
