import { watchDisplay } from './display.js'
import { watchFind } from './find.js'
import { watchForms } from './forms.js'
import { watchProgress } from './poll.js'

watchForms()
watchDisplay()
watchProgress()
watchFind()
