/** The candidate's page: before the window a countdown, then autosave with an honest state. Without it the plain form works. */
import { countDown } from './sitting/clock.js'
import { clearUp } from './sitting/ended.js'
import { openSitting } from './sitting/page.js'

const waiting = document.getElementById('countdown')
const form = document.getElementById('sitting')
const ended = document.getElementById('ended')
if (waiting) countDown(waiting)
if (form) openSitting(form)
if (ended) clearUp(ended)
