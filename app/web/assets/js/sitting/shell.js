/** Keeps the page itself on the device while the sitting runs, so that a reload without a connection shows it again. */

const assetsOf = (page) =>
  [...page.querySelectorAll('link[href], script[src], img[src], use[href]')]
    .map((one) => new URL(one.href?.baseVal ?? one.href ?? one.src, location.href))
    .filter((address) => address.origin === location.origin && address.pathname.startsWith('/static/'))
    .map((address) => address.pathname + address.search)

/** The page as the server sent it; taken before anything is changed. */
export const takePage = () => `<!doctype html>\n${document.documentElement.outerHTML}`

/** The pictures of the paper go into the kept page itself, so that they are sealed with it. */
async function withPictures(html) {
  let kept = html
  for (const picture of document.querySelectorAll('#sitting img[src]')) {
    const source = picture.getAttribute('src')
    const answer = await fetch(source, { credentials: 'same-origin' })
    if (answer.ok) kept = kept.replaceAll(`src="${source}"`, `src="${await asData(await answer.blob())}"`)
  }
  return kept
}

const asData = (blob) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(reader.result)
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(blob)
  })

export async function keepShell({ worker, store, html }) {
  if (!worker || !store || !navigator.serviceWorker) return false
  try {
    await navigator.serviceWorker.register(worker, { scope: '/sit/' })
    await store.keepPaper(await withPictures(html))
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
