// Verifies many documents with programs that are not ours, in one process:
// @digitalbazaar/vc with its status checker, and @digitalcredentials/verifier-core.
// Usage: node tests/node/table.mjs CASES.json FOLDER; FOLDER holds the Open Badges contexts, CASES.json
// {"documents": {name: credential}, "known": {address: document}}; prints {name: {"vc": word, "core": word}} with the
// words accepted, refused and revoked. Nothing is fetched: an address that is not known is answered 404.
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';

const [casesPath, folder] = process.argv.slice(2);
const readJson = async path => JSON.parse(await readFile(path, 'utf8'));
const {documents, known} = await readJson(casesPath);
const OPEN_BADGES = {
  'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json': 'ob-v3p0-context-3.0.3.json',
  'https://purl.imsglobal.org/spec/ob/v3p0/extensions.json': 'ob-v3p0-extensions.json'
};
for(const [url, name] of Object.entries(OPEN_BADGES)) {
  known[url] = await readJson(join(folder, name));
}

// Before the libraries are loaded, so that they find nothing else.
globalThis.fetch = async given => {
  const url = typeof given === 'string' ? given : given.url ?? String(given);
  const headers = {'content-type': 'application/json'};
  return url in known ? new Response(JSON.stringify(known[url]), {headers}) : new Response('{}', {status: 404, headers});
};

const vc = await import('@digitalbazaar/vc');
const {checkStatus} = await import('@digitalbazaar/vc-bitstring-status-list');
const {DataIntegrityProof} = await import('@digitalbazaar/data-integrity');
const {contexts: credentialContexts} = await import('@digitalbazaar/credentials-context');
const {contexts: integrityContexts} = await import('@digitalbazaar/data-integrity-context');
const {contexts: multikeyContexts} = await import('@digitalbazaar/multikey-context');
const {cryptosuite} = await import('@digitalbazaar/eddsa-rdfc-2022-cryptosuite');
const core = await import('@digitalcredentials/verifier-core');

const local = new Map([...credentialContexts, ...integrityContexts, ...multikeyContexts, ...Object.entries(known)]);
for(const did of Object.values(known).filter(one => one.verificationMethod)) {
  local.set(did.id, did);
  for(const method of did.verificationMethod) {
    local.set(method.id, {'@context': 'https://w3id.org/security/multikey/v1', ...method});
  }
}
async function documentLoader(url) {
  if(!local.has(url)) {
    throw new Error(`not in the bundle: ${url}`);
  }
  return {contextUrl: null, documentUrl: url, document: structuredClone(local.get(url))};
}

async function byVc(credential) {
  const suite = new DataIntegrityProof({cryptosuite});
  const options = {credential, suite, documentLoader};
  const proof = await vc.verifyCredential({...options, checkStatus: async () => ({verified: true})});
  if(!proof.verified) {
    return 'refused';
  }
  if(!credential.credentialStatus) {
    return 'accepted';
  }
  const status = await checkStatus(options);
  // "verified" there only says that the list itself holds; the bit is told apart from it.
  const set = status.results?.some(({status: bit}) => bit === true) ?? false;
  return set ? 'revoked' : status.verified ? 'accepted' : 'refused';
}

async function byCore(credential) {
  const found = await core.verifyCredential({credential, knownDIDRegistries: []});
  const said = Object.fromEntries((found.log ?? []).map(entry => [entry.id, entry]));
  if(found.errors || !said.valid_signature?.valid || said.expiration?.valid === false) {
    return 'refused';
  }
  const status = said.revocation_status;
  return status === undefined || status.valid ? 'accepted' : status.error ? 'refused' : 'revoked';
}

async function word(check, credential) {
  try {
    return await check(structuredClone(credential));
  } catch {
    return 'refused';
  }
}

const found = {};
for(const [name, credential] of Object.entries(documents)) {
  found[name] = {vc: await word(byVc, credential), core: await word(byCore, credential)};
}
console.log(JSON.stringify(found));
