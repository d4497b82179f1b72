// Tells the size of pictures by their heads: reads {name: base64 of the head} from stdin, prints {name: [width, height] or null}.
import { text } from 'node:stream/consumers'

import { sizeOf } from '../../app/web/assets/js/offline/picture.js'

const heads = JSON.parse(await text(process.stdin))
const found = Object.entries(heads).map(([name, head]) => {
  const bytes = Uint8Array.from(Buffer.from(head, 'base64'))
  const size = sizeOf(new DataView(bytes.buffer))
  return [name, size && [size.width, size.height]]
})
console.log(JSON.stringify(Object.fromEntries(found)))
