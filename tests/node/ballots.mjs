// The browser's side of the secret ballot, run by node for the tests.
// Usage: node tests/node/ballots.mjs < request.json; a request is {"act", ...}, the answer one JSON document.
import {readFileSync} from 'node:fs';
import {
  GENERATOR, Refused, fromHex, hashToScalar, mod, pointText, readPoint, readScalar, scalarText, times, utf8
} from '../../app/web/assets/js/ballots/group.js';
import * as keys from '../../app/web/assets/js/ballots/keys.js';
import {checkEqual, proveEqual, schnorrCommitment} from '../../app/web/assets/js/ballots/proofs.js';
import {openProduct, openingContext, verify, weightAtZero} from '../../app/web/assets/js/ballots/tally.js';
import {makeVote, readElection, readVote} from '../../app/web/assets/js/ballots/votes.js';

const pairsOf = list => list.map(([first, second]) => [readPoint(first), readPoint(second)]);

function refusal(work) {
  try {
    work();
    return null;
  } catch(error) {
    if(!(error instanceof Refused)) {
      throw error;
    }
    return error.code;
  }
}

const ACTS = {
  // RFC 9497: the proof with a given nonce, and whether it is accepted
  equal: ({context, secret, key, pairs, nonce}) => {
    const made = proveEqual(fromHex(context), readScalar(secret), readPoint(key), pairsOf(pairs), readScalar(nonce));
    return {proof: made, refused: refusal(() => checkEqual(fromHex(context), readPoint(key), pairsOf(pairs), made))};
  },
  // RFC 9591: the commitment a Schnorr signature must have started from, shares on a line, Lagrange weights
  schnorr: ({tag, message, response, key}) => {
    const asked = hashToScalar(fromHex(message), utf8(tag));
    return {commitment: pointText(schnorrCommitment(mod(-asked), readScalar(response), readPoint(key)))};
  },
  weights: ({present}) => present.map(index => scalarText(weightAtZero(index, present))),
  line: ({share, index, commitments}) => keys.shareFits(readScalar(share), index, commitments.map(readPoint)),
  vote: ({election, voter, answers}) => makeVote(readElection(election), voter, answers),
  votes: ({election, cases}) => cases.map(({voter, questions, text}) =>
    refusal(() => readVote(readElection(election), voter, questions, text))),
  bulletin: ({bulletin}) => {
    const {checks, valid} = verify(bulletin);
    return {checks, valid};
  },
  bulletins: ({bulletins}) => bulletins.map(one => verify(one).checks.find(({passed}) => !passed) ?? null),
  join: ({ceremony, index, seed}) => keys.join(ceremony, index, keys.grow(fromHex(seed), ceremony, index)),
  deal: ({ceremony, index, seed, exchanges}) =>
    keys.deal(ceremony, index, keys.grow(fromHex(seed), ceremony, index), exchanges.map(readPoint)),
  confirm: async({ceremony, index, seed, exchanges, dealt, questions}) => {
    const secrets = keys.grow(fromHex(seed), ceremony, index);
    const {share, wrong} = await keys.gather(ceremony, index, secrets, exchanges.map(readPoint), dealt);
    if(wrong.length > 0) {
      return {wrong};
    }
    const written = keys.manifest(ceremony, questions, exchanges, dealt.map(one => one.commitments));
    return keys.confirm(keys.electionOf(written).fingerprint, index, share, times(GENERATOR, share));
  },
  open: async({bulletin, index, seed}) => {
    const {found, valid} = verify(bulletin);
    const ceremony = {ballot: bulletin.manifest.ballot, number: bulletin.manifest.ceremony};
    const secrets = keys.grow(fromHex(seed), ceremony, index);
    const dealt = bulletin.trustees.map(one => ({commitments: one.commitments, shares: one.sealed_shares}));
    const exchanges = bulletin.manifest.exchanges.map(readPoint);
    const {share} = await keys.gather(ceremony, index, secrets, exchanges, dealt);
    const context = openingContext(found.election.fingerprint, index, bulletin.list);
    return {valid, ...openProduct(context, share, times(GENERATOR, share), found.product)};
  }
};

const request = JSON.parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify(await ACTS[request.act](request)));
