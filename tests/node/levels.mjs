// Tells of each built script of the QR check whether the oldest browsers read it: compiled for them once more, nothing may
// be left to write another way. Prints {name: true or false}, with a few words of today as controls that must be false.
import { readFile } from 'node:fs/promises'

import { transform } from 'esbuild'

import { OLDEST, SUPPORTED } from '../../scripts/oldest_browsers.js'

const CONTROLS = ['a?.b', 'a ??= b', 'class A { #a = 1 }', '/(?<=a)b/']
const DIST = 'app/web/static/dist'
const names = JSON.parse(await readFile(`${DIST}/manifest.json`, 'utf8'))

async function isReadBy(code, target) {
  const [now, then] = await Promise.all(['esnext', target].map((one) => transform(code, { target: one, supported: SUPPORTED })))
  return now.code === then.code
}

const found = {}
for (const { entries, target } of OLDEST) {
  for (const name of entries) found[name] = await isReadBy(await readFile(`${DIST}/${names[name]}`, 'utf8'), target)
  for (const code of CONTROLS) found[code] = found[code] || (await isReadBy(code, target))
}
console.log(JSON.stringify(found))
