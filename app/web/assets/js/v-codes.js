/** Reads the QR code in a picture in plain script, for browsers that cannot; the page of the QR check loads it only there. */
import decodeQR from 'qr/decode.js'

/** Retries over lower and higher resolutions, for no longer than this: a picture without a code must not freeze a phone. */
const PHOTO = { effort: 64, timeLimit: 1500 }

/** The text of the code in an ImageData, null where none is read. */
globalThis.jijingCodes = ({ data, width, height }, isFrame) => {
  try {
    return decodeQR({ data, width, height }, isFrame ? {} : PHOTO)
  } catch {
    return null
  }
}
