/** Whether a P-256 key signed: by the browser itself, and where it cannot, by a script that is fetched only then. */

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** By WebCrypto; rejects where the browser does not know the curve. */
export async function verifyNatively({ x, y }, signature, signed) {
  const key = await crypto.subtle.importKey('jwk', { kty: 'EC', crv: 'P-256', x, y }, ALGORITHM, false, ['verify'])
  return crypto.subtle.verify(ALGORITHM, key, signature, signed)
}

/** Whether WebCrypto is there and knows P-256: not over plain http, not in old browsers. */
export async function isNative() {
  const known = { x: 'axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY', y: 'T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU' }
  try {
    await verifyNatively(known, new Uint8Array(64), new Uint8Array(1))
    return true
  } catch {
    return false
  }
}

/** The bytes of base64url. */
export function fromBase64url(text) {
  return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0))
}
