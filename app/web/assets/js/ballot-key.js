/** A trustee's page: makes the key file, sends sealed shares, confirms, and opens a part of the tally. */
import { GENERATOR, readPoint, times } from './ballots/group.js'
import { FORMAT, keep, kept, openSeed, sealSeed } from './ballots/keyfile.js'
import * as keys from './ballots/keys.js'
import { download, get, paint, post } from './ballots/page.js'
import { openProduct, openingContext, verify } from './ballots/tally.js'

const SHORTEST = 12
const place = document.getElementById('key')
const words = JSON.parse(place.dataset.words)
const data = JSON.parse(place.dataset.key)
const ceremony = { ballot: data.ballot, number: data.ceremony }
const status = document.getElementById('key-status')
const shown = document.getElementById('key-error')
let working = false

/** Something that the person can mend; its message is one of the page's sentences. */
class Trouble extends Error {}

function say(text) {
  shown.hidden = text === ''
  shown.querySelector('p').textContent = text
  if (text) shown.focus()
}

const passphrase = () => document.getElementById('passphrase').value
const seedOf = async (file) => openSeed(file, passphrase()).catch(() => { throw new Trouble(words.wrong) })

async function keyFile() {
  const chosen = document.getElementById('key-file').files[0]
  const file = chosen ? await chosen.text().then(JSON.parse).catch(() => ({})) : await kept({ ...data })
  if (file === null) throw new Trouble(words.file)
  const fits = file.format === FORMAT && file.ballot === data.ballot && file.ceremony === data.ceremony && file.place === data.place
  if (!fits) throw new Trouble(words.other)
  return file
}

async function secrets() {
  return keys.grow(await seedOf(await keyFile()), ceremony, data.place)
}

async function join() {
  if (passphrase().length < SHORTEST) throw new Trouble(words.short)
  if (passphrase() !== document.getElementById('again').value) throw new Trouble(words.differ)
  const seed = crypto.getRandomValues(new Uint8Array(32))
  const file = await sealSeed(seed, passphrase(), data)
  await keep(file).catch(() => null)
  download(`ballot-key-${data.ballot}-${data.place}.json`, file)
  return ['join', keys.join(ceremony, data.place, keys.grow(seed, ceremony, data.place))]
}

const exchanges = () => data.exchanges.map(readPoint)

async function deal() {
  return ['deal', await keys.deal(ceremony, data.place, await secrets(), exchanges())]
}

async function confirm() {
  const { share, wrong } = await keys.gather(ceremony, data.place, await secrets(), exchanges(), data.dealt)
  if (wrong.length > 0) return ['complain', { against: wrong }, words.share]
  const written = keys.manifest(ceremony, data.questions, data.exchanges, data.dealt.map(({ commitments }) => commitments))
  return ['confirm', keys.confirm(keys.electionOf(written).fingerprint, data.place, share, times(GENERATOR, share))]
}

/** All votes are verified here first: a server that asked to open a single vote would be refused. */
async function open() {
  const mine = await secrets()
  const bulletin = await get(place.dataset.bulletin).catch(() => { throw new Trouble(words.offline) })
  const { found, valid } = verify({ ...bulletin, results: null })
  const same = valid && bulletin.manifest.ballot === data.ballot && bulletin.manifest.ceremony === data.ceremony
  if (!same || bulletin.manifest.exchanges[data.place - 1] !== data.exchanges[data.place - 1]) throw new Trouble(words.bulletin)
  const dealt = bulletin.trustees.map((one) => ({ commitments: one.commitments, shares: one.sealed_shares }))
  const { share, wrong } = await keys.gather(ceremony, data.place, mine, bulletin.manifest.exchanges.map(readPoint), dealt)
  if (wrong.length > 0) throw new Trouble(words.bulletin)
  const context = openingContext(found.election.fingerprint, data.place, bulletin.list)
  return ['open', openProduct(context, share, times(GENERATOR, share), found.product)]
}

const STEPS = { join, deal, confirm, open }

async function act(event) {
  event.preventDefault()
  if (working) return
  working = true
  say('')
  status.textContent = words.working
  await paint()
  try {
    if (!globalThis.crypto?.subtle) throw new Trouble(words.unsafe)
    const [name, body, afterwards] = await STEPS[data.step]()
    await post(`${place.dataset.action}/${name}`, event.target.elements.csrf_token.value, { ceremony: data.ceremony, ...body })
    if (afterwards) throw new Trouble(afterwards)
    // Time for the download of the key file to begin before the page goes
    setTimeout(() => location.assign(place.dataset.action), data.step === 'join' ? 800 : 0)
    return
  } catch (error) {
    status.textContent = ''
    say(error instanceof Trouble ? error.message : words.failed.replace('{reason}', error.message || words.offline))
  }
  working = false
}

document.getElementById('key-place').append(document.getElementById('key-form').content.cloneNode(true))
document.querySelector('#key-place form').addEventListener('submit', act)
