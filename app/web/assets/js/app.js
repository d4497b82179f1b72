import { watchDisplay } from './display.js'
import { watchForms } from './forms.js'
import { watchProgress } from './poll.js'

watchForms()
watchDisplay()
watchProgress()
