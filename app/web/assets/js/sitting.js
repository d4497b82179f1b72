/** The candidate's page: before the window a countdown, then autosave with an honest state. Without it the plain form works. */
import { arrive } from './sitting/arrival.js'
import { countDown } from './sitting/clock.js'
import { clearUp } from './sitting/ended.js'
import { openSitting } from './sitting/page.js'

const waiting = document.getElementById('countdown')
const form = document.getElementById('sitting')
const ended = document.getElementById('ended')
if (waiting) {
  arrive(waiting)
  countDown(waiting)
}
if (form) openSitting(form)
if (ended) clearUp(ended)
