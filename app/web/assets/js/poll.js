/**
 * A part with an id and data-poll="<address>" is fetched again every data-poll-every milliseconds (2000) from a page
 * that contains the same id, until the answer no longer carries data-poll. A data-poll-done address is opened at the end.
 */
async function refresh(part) {
  const answer = await fetch(part.dataset.poll, { credentials: 'same-origin', headers: { Accept: 'text/html' } })
  if (!answer.ok) return part
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const fresh = page.getElementById(part.id)
  if (!fresh) return part
  part.replaceWith(fresh)
  return fresh
}

async function follow(part) {
  let current = part
  while (current.dataset.poll) {
    await new Promise((resolve) => setTimeout(resolve, Number(current.dataset.pollEvery ?? 2000)))
    if (document.hidden) continue
    current = await refresh(current).catch(() => current)
  }
  if (current.dataset.pollDone) location.assign(current.dataset.pollDone)
}

export function watchProgress() {
  for (const part of document.querySelectorAll('[id][data-poll]')) follow(part)
}
