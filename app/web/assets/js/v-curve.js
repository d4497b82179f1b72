/** P-256 in plain script, for browsers and connections without WebCrypto; the page of the QR check loads it only there. */
import './offline/older.js'

import { p256 } from '@noble/curves/nist.js'

import { fromBase64url } from './offline/curve.js'

globalThis.jijingCurve = async ({ x, y }, signature, signed) => {
  const point = Uint8Array.from([4, ...fromBase64url(x), ...fromBase64url(y)])
  try {
    return p256.verify(signature, signed, point, { lowS: false })
  } catch {
    return false
  }
}
