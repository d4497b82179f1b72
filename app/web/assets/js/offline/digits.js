/** Bytes written as decimal digits, as `app/credentials/rules/digits.py` writes them: seven bytes in seventeen digits. */

const WIDTHS = [0, 3, 5, 8, 10, 13, 15, 17]
const WHOLE = 17

/** The bytes of the digits, or null where nothing is written so. */
export function readDigits(text) {
  if (!/^[0-9]+$/.test(text) || !WIDTHS.includes(text.length % WHOLE)) return null
  const bytes = []
  for (let at = 0; at < text.length; at += WHOLE) {
    const group = text.slice(at, at + WHOLE)
    const read = bytesOf(group, WIDTHS.indexOf(group.length))
    if (!read) return null
    bytes.push(...read)
  }
  return Uint8Array.from(bytes)
}

/** A number in so many bytes, null where it needs more; digit by digit, since old browsers have no large numbers. */
function bytesOf(digits, count) {
  const read = new Array(count).fill(0)
  for (const digit of digits) {
    let carry = Number(digit)
    for (let place = count - 1; place >= 0; place -= 1) {
      const value = read[place] * 10 + carry
      read[place] = value & 255
      carry = value >> 8
    }
    if (carry > 0) return null
  }
  return read
}
