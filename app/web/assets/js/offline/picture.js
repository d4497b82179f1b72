/**
 * From a picture to the text of the QR code in it, on this device: by the browser itself where it can, else by a script.
 * What is too large is refused by what its head says, before anything is unpacked.
 */

const LARGEST_FILE = 32 * 1024 * 1024
/** What a phone can hold unpacked; a picture of a few kilobytes can claim thousands of millions. */
const MOST_PIXELS = 64_000_000
const HEAD = 256 * 1024
/** Longest sides at which a photo is looked at: most codes are read in the first, small ones on a whole page in the next. */
const SIDES = [1200, 2400, 4000]
const FRAME = 960

/** Why a picture was not read; `code` names the sentence. */
export class PictureError extends Error {
  constructor(code) {
    super(code)
    this.code = code
  }
}

/** Text of the QR code in an image file. `read(pixels)` is the script; rejects with PictureError. */
export async function readPicture(file, read) {
  if (file.size > LARGEST_FILE) throw new PictureError('photo_large')
  // Older browsers read a file only through an answer
  const size = sizeOf(new DataView(await new Response(file.slice(0, HEAD)).arrayBuffer()))
  if (size && size.width * size.height > MOST_PIXELS) throw new PictureError('photo_large')
  const picture = await opened(file)
  try {
    const text = (await nativeText(picture)) ?? (await scriptText(picture, read))
    if (text === null) throw new PictureError('photo_empty')
    return text
  } finally {
    picture.close?.()
  }
}

/** Text of the QR code in what a camera shows now, null where there is none. */
export async function readFrame(video, read) {
  if (!video.videoWidth) return null
  return (await nativeText(video)) ?? (await read)(pixels(video, video.videoWidth, video.videoHeight, FRAME), true)
}

async function opened(file) {
  try {
    return 'createImageBitmap' in window ? await createImageBitmap(file) : await drawn(file)
  } catch {
    throw new PictureError('photo_unreadable')
  }
}

/** A picture as an element, for Safari before 15. */
async function drawn(file) {
  const address = await new Promise((resolve, reject) => {
    const reader = new FileReader()
    Object.assign(reader, { onload: () => resolve(reader.result), onerror: reject })
    reader.readAsDataURL(file)
  })
  return new Promise((resolve, reject) => {
    const picture = new Image()
    Object.assign(picture, { onload: () => resolve(picture), onerror: reject, src: address })
  })
}

async function nativeText(source) {
  if (!('BarcodeDetector' in window)) return null
  try {
    const found = await new BarcodeDetector({ formats: ['qr_code'] }).detect(source)
    return found[0]?.rawValue ?? null
  } catch {
    return null
  }
}

async function scriptText(picture, read) {
  const { width, height } = picture
  const longest = Math.max(width, height)
  const sides = SIDES.filter((side, place) => place === 0 || SIDES[place - 1] < longest)
  for (const side of sides) {
    const text = (await read)(pixels(picture, width, height, side), false)
    if (text !== null) return text
  }
  return null
}

/** The pixels of a picture on white, no side longer than given. */
function pixels(source, width, height, side) {
  const scale = Math.min(1, side / Math.max(width, height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(width * scale))
  canvas.height = Math.max(1, Math.round(height * scale))
  const context = canvas.getContext('2d', { willReadFrequently: true })
  context.fillStyle = '#fff'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.drawImage(source, 0, 0, canvas.width, canvas.height)
  return context.getImageData(0, 0, canvas.width, canvas.height)
}

/** Width and height as the head of a PNG, GIF, BMP, WebP or JPEG says them; null for any other file. */
export function sizeOf(view) {
  if (view.byteLength < 30) return null
  const is = (place, word) => [...word].every((letter, at) => view.getUint8(place + at) === letter.charCodeAt(0))
  if (is(1, 'PNG')) return { width: view.getUint32(16), height: view.getUint32(20) }
  if (is(0, 'GIF8')) return { width: view.getUint16(6, true), height: view.getUint16(8, true) }
  if (is(0, 'BM')) return { width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) }
  if (is(8, 'WEBP')) return sizeOfWebp(view, is)
  return view.getUint16(0) === 0xffd8 ? sizeOfJpeg(view) : null
}

function sizeOfWebp(view, is) {
  const three = (place) => view.getUint16(place, true) + view.getUint8(place + 2) * 0x10000
  if (is(12, 'VP8X')) return { width: three(24) + 1, height: three(27) + 1 }
  if (is(12, 'VP8L')) {
    const bits = view.getUint32(21, true)
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
  }
  return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
}

/** Walk over the segments of a JPEG to the one that says how large it is. */
function sizeOfJpeg(view) {
  let place = 2
  while (place + 9 < view.byteLength && view.getUint8(place) === 0xff) {
    const marker = view.getUint8(place + 1)
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) return { width: view.getUint16(place + 7), height: view.getUint16(place + 5) }
    place += 2 + Math.max(2, view.getUint16(place + 2))
  }
  return null
}
