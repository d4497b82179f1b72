/** Before the start: tell the server once that this page is open, so that the invigilator sees who has come. */
import { Line, pageName, pause, Refused } from './line.js'

const RETRY = { first: 2000, last: 30000 }

export async function arrive(place) {
  const line = new Line({ base: place.dataset.base, token: document.querySelector('[name="csrf_token"]'), page: pageName() })
  for (let failures = 1; ; failures += 1) {
    try {
      return await line.post('arrive')
    } catch (error) {
      if (error instanceof Refused && error.status < 500) return null
      await new Promise((resolve) => setTimeout(resolve, pause(failures, RETRY)))
    }
  }
}
