/** What the pages of a ballot share: the line to the server, and saving a file. */

/** Post JSON; returns the answer, throws an Error whose message is for the person, or null where there was no answer. */
export async function post(address, token, body) {
  let answer
  try {
    answer = await fetch(address, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRFToken': token },
      body: JSON.stringify(body),
    })
  } catch {
    throw new Error('')
  }
  const said = await answer.json().catch(() => ({}))
  if (!answer.ok) throw new Error(said.detail ?? said.message ?? said.title ?? String(answer.status))
  return said
}

/** Fetch JSON of this site; throws where it does not come. */
export async function get(address) {
  const answer = await fetch(address, { credentials: 'same-origin', headers: { Accept: 'application/json' } })
  if (!answer.ok) throw new Error(String(answer.status))
  return answer.json()
}

/** Let the person save a document as a file. */
export function download(name, value) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([JSON.stringify(value, null, 2)], { type: 'application/json' }))
  link.download = name
  document.body.append(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(link.href), 60000)
}

/** A breath for the browser to paint before long work. */
export function paint() {
  return new Promise((resolve) => setTimeout(resolve, 30))
}
