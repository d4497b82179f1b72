// Checks QR codes with the script of the page /v: the same corpus that Python checks.
// Reads {"trust", "at", "fresh", "codes": {name: text}} from stdin and prints {"webcrypto": {name: answer}, "plain":
// {name: answer}}: once with the platform's WebCrypto, once with the script for browsers without it.
import { text } from 'node:stream/consumers'

import { checkQr } from '../../app/web/assets/js/offline/check.js'
import { isNative, verifyNatively } from '../../app/web/assets/js/offline/curve.js'
import '../../app/web/assets/js/v-curve.js'

const { trust, at, fresh, codes } = JSON.parse(await text(process.stdin))

async function answers(verify) {
  const found = {}
  for (const [name, code] of Object.entries(codes)) {
    const { checks, facts, body, valid, failed } = await checkQr(code, { trust, at, verify, fresh })
    found[name] = { checks: checks.map((one) => [one.name, one.result, one.code, one.on, one.reason ?? null]), holder: facts?.holder ?? null, body: body?.did ?? null, facts, valid, failed }
  }
  return found
}

console.log(JSON.stringify({ native: await isNative(), webcrypto: await answers(verifyNatively), plain: await answers(globalThis.jijingCurve) }))
