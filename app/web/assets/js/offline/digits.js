/** Bytes written as decimal digits, as `app/credentials/rules/digits.py` writes them: seven bytes in seventeen digits. */

const WIDTHS = [0, 3, 5, 8, 10, 13, 15, 17]
const WHOLE = 17

/** The bytes of the digits, or null where nothing is written so. */
export function readDigits(text) {
  if (!/^[0-9]+$/.test(text) || !WIDTHS.includes(text.length % WHOLE)) return null
  const bytes = []
  for (let at = 0; at < text.length; at += WHOLE) {
    const group = text.slice(at, at + WHOLE)
    const count = WIDTHS.indexOf(group.length)
    let number = BigInt(group)
    const read = []
    for (let place = 0; place < count; place += 1) {
      read.unshift(Number(number & 255n))
      number >>= 8n
    }
    if (number > 0n) return null
    bytes.push(...read)
  }
  return Uint8Array.from(bytes)
}
