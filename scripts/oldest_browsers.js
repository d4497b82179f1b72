/**
 * How old a browser may be that checks a QR code (decision 0069): the check is opened by whatever phone scans it. The
 * script for the signature, which only browsers without WebCrypto load, needs large numbers.
 */
export const OLDEST = [
  { entries: ['v.js', 'v-codes.js', 'v-worker.js'], target: ['chrome67', 'firefox68', 'safari12'] },
  { entries: ['v-curve.js'], target: ['chrome67', 'firefox68', 'safari14'] },
]
// Safari before 14.1 fails at one odd case of it, which esbuild cannot write another way
export const SUPPORTED = { destructuring: true }
