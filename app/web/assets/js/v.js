/**
 * The check of a QR code on the device. The proof stands in the fragment of the address, which browsers never send;
 * this page reads it, checks it with what the device keeps, and shows every entry and every check.
 */
import { Camera, hasCamera } from './offline/camera.js'
import { checkQr } from './offline/check.js'
import { isNative, verifyNatively } from './offline/curve.js'
import { readPicture } from './offline/picture.js'
import { Speech } from './offline/speech.js'
import { askedTrust, keptTrust, NOTHING } from './offline/trust.js'

const DAY = 24 * 3600 * 1000
const AHEAD = 8 * 3600 * 1000
const OLD = DAY
const TONES = { pass: 'good', fail: 'bad', unknown: 'waiting', unchecked: 'neutral' }
const ICONS = { good: 'circle-check', bad: 'alert-triangle', waiting: 'clock', info: 'info-circle', neutral: 'circle' }

const page = document.getElementById('main')
const speech = new Speech(JSON.parse(document.getElementById('words').textContent))
const state = { text: '', trust: NOTHING, answer: null, fault: null, isReached: true, isKept: null }
const camera = new Camera(document.getElementById('view'))
let verify = null
let codes = null

/** An element with attributes and children; text is only ever set as text. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...children.filter((child) => child !== null))
  return element
}

function drawIcon(name) {
  const space = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(space, 'svg')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS(space, 'use')
  use.setAttribute('href', `${page.dataset.icons}#${name}`)
  svg.append(use)
  return svg
}

function alertOf(tone, title, sentence, ...more) {
  const body = make('div', { class: 'alert-body' }, make('p', { class: 'alert-title' }, title), make('p', {}, sentence), ...more)
  return make('div', { class: `alert v-outcome alert-${tone}` }, drawIcon(ICONS[tone]), body)
}

/** Put other children into an element, also in browsers without `replaceChildren`. */
function fill(element, ...children) {
  element.textContent = ''
  element.append(...children)
}

function outcome() {
  const { answer, fault } = state
  if (fault) return alertOf('waiting', speech.say('undecided_title'), speech.say(fault))
  if (!state.text) return alertOf('info', speech.say('waiting_title'), speech.say('waiting'))
  if (!answer) return make('p', { class: 'note' }, speech.say('checking'))
  const word = answer.valid ? 'valid' : answer.failed ? 'failed' : 'undecided'
  const tone = { valid: 'good', failed: 'bad', undecided: 'waiting' }[word]
  const reasons = answer.checks.filter((one) => one.result === 'fail' || (word === 'undecided' && one.result !== 'pass' && one.code !== 'log-offline'))
  const lines = reasons.filter((one) => one.code !== 'earlier-check').map((one) => make('p', {}, speech.sentence(one)))
  return alertOf(tone, speech.say(`${word}_title`), speech.say(word), ...lines)
}

/** The level as it was certified, else by its national name; a kind without levels says something else. */
function levelRow(facts) {
  if (facts.levelName !== null) return ['level', levelName(facts)]
  return speech.has('levels', facts.level) ? ['level', speech.from('levels', facts.level)] : ['says', facts.level]
}

/** A code holds the Chinese name of a level; its English one is known where a published rule pack gives it. */
function levelName({ level, levelName }) {
  const known = (state.trust.levels ?? []).find((one) => one.code === level && one.zh === levelName)
  return (speech.language === 'en' && known?.en) || levelName
}

function entries() {
  const { facts, body } = state.answer
  const shanghai = (day) => speech.day(day * DAY - AHEAD)
  const issuer = body ? (speech.language === 'en' && body.en) || body.zh || body.did : speech.say('unknown_issuer')
  const rows = [
    ['kind', speech.from('kinds', facts.kind)],
    levelRow(facts),
    ['number', facts.number, 'code'],
    ['hours', facts.hours === null ? null : String(facts.hours / 100), 'number'],
    ['issuer', issuer],
    ['valid_from', shanghai(facts.validFrom)],
    ['valid_until', facts.validUntil === null ? speech.say('no_end') : shanghai(facts.validUntil)],
  ]
  const lines = rows.filter(([, value]) => value).map(([key, value, kind]) => make('div', {}, make('dt', {}, speech.say(key)), make('dd', kind ? { class: kind } : {}, value)))
  const holder = make('p', { class: 'v-holder' }, make('span', { class: 'visually-hidden' }, `${speech.say('holder')} `), facts.holder)
  return [holder, make('dl', { class: 'facts' }, ...lines)]
}

function checkLine({ name, result, ...found }) {
  const tone = TONES[result]
  const status = make('span', { class: `status status-${tone}` }, drawIcon(ICONS[tone]), make('span', {}, speech.from('results', result)))
  return make('li', { class: 'v-check' }, make('p', { class: 'v-check-name' }, speech.from('checks', name)), status, make('p', {}, speech.sentence(found)))
}

function section(title, ...children) {
  return make('section', { class: 'section' }, make('h2', {}, title), ...children)
}

function answerParts() {
  const { answer } = state
  if (!state.text || !answer) return []
  const checks = section(speech.say('checks'), make('ol', { class: 'v-checks' }, ...answer.checks.map(checkLine)))
  if (!answer.facts) return [checks]
  const link = make('a', { href: page.dataset.certificates + answer.facts.code }, speech.say('full'))
  return [...entries(), make('p', { class: 'note v-way' }, link, ` ${speech.say('full_note')}`), checks]
}

function tellAge() {
  const line = document.getElementById('asked')
  const { at } = state.trust
  const age = at ? Math.max(0, Date.now() - Date.parse(at)) : null
  const told = at ? speech.say('asked', { on: speech.moment(Date.parse(at)), age: speech.age(age) }) : speech.say('never_asked')
  line.firstElementChild.textContent = state.isReached ? told : `${told} ${speech.say('unreachable')}`
  line.classList.toggle('v-old', age === null || age > OLD)
  line.hidden = false
}

function show() {
  speech.spread()
  fill(document.getElementById('outcome'), outcome())
  fill(document.getElementById('answer'), ...answerParts())
  tellAge()
  const switcher = document.getElementById('language')
  switcher.hidden = false
  switcher.lang = speech.other === 'en' ? 'en' : 'zh-CN'
  switcher.querySelector('span').textContent = speech.words[speech.other].name
  const kept = document.getElementById('kept')
  kept.hidden = state.isKept === null
  if (state.isKept !== null) kept.textContent = speech.say(state.isKept ? 'kept' : 'not_kept')
}

/** The browser's own P-256, else the plain script, which is fetched only then. */
async function chooseCurve() {
  if (await isNative()) return verifyNatively
  await load(page.dataset.curve)
  // A browser older than the script reads it without a word and runs none of it
  if (!window.jijingCurve) throw Object.assign(new Error(page.dataset.curve), { code: 'curve_missing' })
  return window.jijingCurve
}

/** The reader of codes in pictures, fetched when the first picture comes. */
function chooseReader() {
  codes ??= load(page.dataset.codes).then(() => window.jijingCodes)
  codes.catch(() => {
    codes = null
  })
  return codes
}

function load(address) {
  return new Promise((resolve, reject) => {
    const script = make('script', { src: address })
    const fail = () => reject(Object.assign(new Error(address), { code: 'reader_missing' }))
    Object.assign(script, { onload: resolve, onerror: fail })
    document.head.append(script)
  })
}

async function decide() {
  const { text } = state
  if (text) {
    try {
      verify ??= await chooseCurve()
    } catch (error) {
      state.fault = error.code ?? 'curve_missing'
      return show()
    }
    const answer = await checkQr(text, { trust: state.trust, at: Date.now(), verify })
    if (text !== state.text) return
    Object.assign(state, { answer, fault: null })
  }
  show()
}

async function check(text) {
  Object.assign(state, { text, answer: null, fault: null })
  show()
  await decide()
}

async function refresh() {
  const asked = await askedTrust(page.dataset.trust)
  state.isReached = asked !== null
  if (asked) state.trust = asked
  await decide()
}

/** Say beside a field what is wrong with what it was given; without a code nothing is. */
function tellFault(field, code) {
  const line = document.getElementById(`${field}-error`)
  line.hidden = !code
  document.getElementById(field).removeAttribute('aria-invalid')
  if (!code) return
  document.getElementById(field).setAttribute('aria-invalid', 'true')
  const words = line.querySelector('[data-say]')
  words.dataset.say = code
  words.textContent = speech.say(code)
}

async function readPhoto(input) {
  const [file] = input.files
  if (!file) return
  tellFault('photo', null)
  const busy = document.getElementById('photo-busy')
  busy.hidden = false
  try {
    // The words are drawn before the work begins
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
    await checkAndLook(await readPicture(file, chooseReader()))
  } catch (error) {
    tellFault('photo', error.code ?? 'photo_unreadable')
  } finally {
    busy.hidden = true
    // The same picture may be chosen again
    input.value = ''
  }
}

async function lookThroughCamera() {
  if (camera.isOn) return stopCamera()
  tellFault('camera', null)
  try {
    await camera.start()
    showCamera()
    const text = await camera.look(chooseReader())
    if (text !== null) await checkAndLook(text)
  } catch (error) {
    tellFault('camera', error.code ?? 'camera_fails')
  } finally {
    stopCamera()
  }
}

function stopCamera() {
  camera.stop()
  showCamera()
}

function showCamera() {
  document.getElementById('view').hidden = !camera.isOn
  const words = document.getElementById('camera').querySelector('[data-say]')
  words.dataset.say = camera.isOn ? 'camera_stop' : 'camera_start'
  words.textContent = speech.say(words.dataset.say)
}

async function checkAndLook(text) {
  await check(text)
  document.getElementById('outcome').scrollIntoView({ block: 'start' })
  page.focus({ preventScroll: true })
}

/** Keep the page for use without network: nothing of the code, only the page itself. */
async function keepPage() {
  if (!('serviceWorker' in navigator)) return null
  const registered = await navigator.serviceWorker.register(page.dataset.worker, { scope: location.pathname })
  const worker = registered.active ?? registered.installing ?? registered.waiting
  const parts = [...document.querySelectorAll('link[href], script[src], img[src]')].map((part) => new URL(part.href ?? part.src))
  const keep = [...parts.filter((part) => part.origin === location.origin).map((part) => part.pathname), page.dataset.icons, page.dataset.curve, page.dataset.codes]
  const line = new MessageChannel()
  const done = new Promise((resolve) => {
    line.port1.onmessage = (event) => resolve(event.data.kept)
  })
  worker.postMessage({ keep, page: location.pathname }, [line.port2])
  return done
}

async function fromAddress() {
  const fragment = location.hash.slice(1)
  await check(fragment ? `${location.origin}${location.pathname}#${fragment}` : '')
}

async function start() {
  document.getElementById('more').hidden = false
  document.getElementById('given').addEventListener('submit', (event) => {
    event.preventDefault()
    checkAndLook(document.getElementById('text').value)
  })
  document.getElementById('photo').addEventListener('change', (event) => readPhoto(event.target))
  document.getElementById('camera-field').hidden = !hasCamera()
  document.getElementById('camera').addEventListener('click', lookThroughCamera)
  window.addEventListener('pagehide', stopCamera)
  document.getElementById('refresh').addEventListener('click', refresh)
  document.getElementById('language').addEventListener('click', () => {
    speech.switch()
    show()
  })
  window.addEventListener('hashchange', fromAddress)
  window.addEventListener('online', refresh)
  state.trust = await keptTrust(page.dataset.trust)
  await fromAddress()
  await refresh()
  state.isKept = window.isSecureContext ? (await keepPage().catch(() => null)) || null : false
  show()
}

start()
