/**
 * Answers that can no longer be saved as usual: typed before the deadline but sent late, or typed at a page that
 * another machine has taken over from. The server decides what becomes of them; the page says it.
 */

const BATCH = 100

/** Send them; resolves with what became of each, forgets on the device whatever the server has decided about. */
export async function sendLeftovers({ line, store, answers }) {
  const kept = []
  const merged = []
  for (let at = 0; at < answers.length; at += BATCH) {
    const batch = answers.slice(at, at + BATCH)
    const said = await line.post('kept', { answers: batch })
    kept.push(...said.kept)
    merged.push(...said.merged)
    for (const { position, sequence } of batch) await store?.remove(position, sequence).catch(() => {})
  }
  return { kept: places(kept), merged: places(merged), superseded: answers.map((one) => one.position).filter((place) => !places(kept).includes(place) && !places(merged).includes(place)) }
}

const places = (pairs) => pairs.map(([position]) => position)

/** The sentences for the candidate, each naming the questions; in a running sitting only a newer answer keeps one apart. */
export function tell(outcome, words, { late }) {
  return ['merged', 'kept', 'superseded']
    .filter((name) => outcome[name].length > 0)
    .map((name) => words[name === 'kept' && !late ? 'left_apart' : `left_${name}`].replace('{places}', [...outcome[name]].sort((one, other) => one - other).join(words.comma)))
    .join(' ')
}
