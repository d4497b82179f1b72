// Checks the signature of a trust bundle's manifest with jose, which knows nothing of our code.
// Reads {"jws", "manifest", "jwk"} from stdin; prints the key id of the header, or exits 1 where the signature fails.
import { text } from 'node:stream/consumers'

import { flattenedVerify, importJWK } from 'jose'

const { jws, manifest, jwk } = JSON.parse(await text(process.stdin))
const [head, , signature] = jws.split('.')

try {
  const found = await flattenedVerify({ protected: head, payload: Buffer.from(manifest).toString('base64url'), signature }, await importJWK(jwk, 'ES256'))
  console.log(found.protectedHeader.kid)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
