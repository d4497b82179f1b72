// What the page of a sitting notes of the world around the paper, run by node for the tests.
// Usage: node tests/node/signals.mjs < request.json; a request is {"happens": [[where, kind, given], ...], "lost": n}: events of the
// window or the document, and how many batches the line loses first. Prints the batches that were sent, lost ones too.
import {readFileSync} from 'node:fs';
import {Signals} from '../../app/web/assets/js/sitting/signals.js';

const {happens, lost} = JSON.parse(readFileSync(0, 'utf8'));
const batches = [];
const line = {
  async post(act, {signals}) {
    batches.push(signals);
    if (batches.length <= lost) throw new Error('no connection');
  },
};
Object.assign(globalThis, {
  window: new EventTarget(),
  document: Object.assign(new EventTarget(), {hidden: false, fullscreenElement: null, closest: () => ({dataset: {place: '3'}})}),
  screen: {width: 390, height: 844},
  getSelection: () => 'copied',
});
const signals = new Signals(line, () => Date.UTC(2026, 2, 2), {every: 1e6, presence: 1e6});
signals.watch();
await new Promise(setImmediate);
for (const [where, kind, given] of happens) {
  const {page, ...carried} = given ?? {};
  Object.assign(document, page);
  globalThis[where].dispatchEvent(Object.assign(new Event(kind), carried.text === undefined ? {} : {clipboardData: {getData: () => carried.text}}));
}
await signals.send();
signals.stop();
console.log(JSON.stringify(batches));
