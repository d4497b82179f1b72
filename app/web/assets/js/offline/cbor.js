/**
 * A reader of deterministic CBOR (RFC 8949 section 4.2) for what our proofs hold: whole numbers, bytes, text, lists,
 * maps, one tag, null. Every length in its shortest form, map keys sorted and once each, nothing behind the end.
 */

const DEEPEST = 4
const SHORT = 24

export class Tag {
  constructor(number, value) {
    Object.assign(this, { number, value })
  }
}

/** The one item that the bytes hold; throws a RangeError for anything else. */
export function readCbor(bytes) {
  const reader = new Reader(bytes)
  const value = reader.item(0)
  if (reader.at !== bytes.length) throw new RangeError('bytes behind the end')
  return value
}

class Reader {
  constructor(bytes) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.at = 0
  }

  item(depth) {
    if (depth > DEEPEST) throw new RangeError('too deep')
    const first = this.byte()
    if (first === 0xf6) return null
    const count = this.count(first & 31)
    switch (first >> 5) {
      case 0: return count
      case 1: return -1 - count
      case 2: return this.take(count)
      case 3: return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.take(count))
      case 4: return this.list(count, depth)
      case 5: return this.map(count, depth)
      case 6: return new Tag(count, this.item(depth + 1))
      default: throw new RangeError('not in a proof')
    }
  }

  byte() {
    if (this.at >= this.bytes.length) throw new RangeError('ended early')
    return this.bytes[this.at++]
  }

  take(count) {
    if (count > this.bytes.length - this.at) throw new RangeError('ended early')
    this.at += count
    return this.bytes.slice(this.at - count, this.at)
  }

  /** A number or length: in the first byte, or in the fewest of the 1, 2, 4 or 8 bytes behind it. */
  count(short) {
    if (short < SHORT) return short
    const width = { 24: 1, 25: 2, 26: 4, 27: 8 }[short]
    if (!width) throw new RangeError('without a length')
    const value = this.take(width).reduce((sum, byte) => sum * 256 + byte, 0)
    const least = { 1: SHORT, 2: 2 ** 8, 4: 2 ** 16, 8: 2 ** 32 }[width]
    if (value < least) throw new RangeError('not in its shortest form')
    return value
  }

  list(count, depth) {
    if (count > this.bytes.length) throw new RangeError('ended early')
    return Array.from({ length: count }, () => this.item(depth + 1))
  }

  map(count, depth) {
    const found = new Map()
    let before = -1
    for (let place = 0; place < count; place += 1) {
      const start = this.at
      const key = this.item(depth + 1)
      // Keys of our headers are small whole numbers, so their one byte is their order.
      if (this.at - start !== 1 || this.bytes[start] <= before) throw new RangeError('keys out of order')
      before = this.bytes[start]
      found.set(key, this.item(depth + 1))
    }
    return found
  }
}
