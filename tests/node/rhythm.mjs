// When the page of a sitting shows that it lives, run by node for the tests.
// Usage: node tests/node/rhythm.mjs < request.json; a request is {"timers", "said", "paused", "times"}: the page's own timers,
// the answers of the server that it learnt from, and how many waits to draw. Prints {"changed": [...], "waits": [...]}.
import {readFileSync} from 'node:fs';
import {Rhythm} from '../../app/web/assets/js/sitting/rhythm.js';

const {timers, said, paused, times} = JSON.parse(readFileSync(0, 'utf8'));
const rhythm = new Rhythm(timers);
const changed = said.map(one => rhythm.learn(one));
const waits = Array.from({length: times}, () => rhythm.wait(paused));
console.log(JSON.stringify({changed, waits}));
