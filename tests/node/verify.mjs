// Verifies a credential with programs that are not ours: @digitalbazaar/vc and its status checker.
// Usage: node tests/node/verify.mjs credential.json did.json [status-list.json] [--contexts FOLDER]
// Prints {"verified", "statusVerified", "error"}; exits 0 only where the proof holds and, with a
// list given, the credential is not revoked. FOLDER holds the Open Badges contexts; without it
// they are looked for in the openbadgeslib package of the virtual environment.
import {readFile} from 'node:fs/promises';
import {execFileSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import * as vc from '@digitalbazaar/vc';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {contexts as credentialContexts} from '@digitalbazaar/credentials-context';
import {contexts as integrityContexts} from '@digitalbazaar/data-integrity-context';
import {contexts as multikeyContexts} from '@digitalbazaar/multikey-context';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';

const OPEN_BADGES = {
  'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json': 'ob-v3p0-context-3.0.3.json',
  'https://purl.imsglobal.org/spec/ob/v3p0/extensions.json': 'ob-v3p0-extensions.json'
};
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FIND = 'import importlib.util as u, pathlib as p; ' +
  'print(p.Path(u.find_spec("openbadgeslib").origin).parent / "ob3" / "contexts")';

const readJson = async path => JSON.parse(await readFile(path, 'utf8'));

function contextFolder(given) {
  return given ?? execFileSync(join(ROOT, '.venv', 'bin', 'python'), ['-c', FIND], {encoding: 'utf8'}).trim();
}

// A loader that knows documents by name only and never goes to the network.
async function makeLoader({did, list, folder}) {
  const known = new Map([...credentialContexts, ...integrityContexts, ...multikeyContexts]);
  for(const [url, name] of Object.entries(OPEN_BADGES)) {
    known.set(url, await readJson(join(folder, name)));
  }
  known.set(did.id, did);
  for(const method of did.verificationMethod) {
    known.set(method.id, {'@context': 'https://w3id.org/security/multikey/v1', ...method});
  }
  if(list) {
    known.set(list.id, list);
  }
  return async url => {
    if(!known.has(url)) {
      throw new Error(`not in the bundle: ${url}`);
    }
    return {contextUrl: null, documentUrl: url, document: structuredClone(known.get(url))};
  };
}

function reason(error) {
  const first = error?.errors?.[0] ?? error;
  return first?.message ?? String(first);
}

async function main() {
  const {values, positionals} = parseArgs({
    allowPositionals: true,
    options: {contexts: {type: 'string'}, now: {type: 'string'}}
  });
  const [credentialPath, didPath, listPath] = positionals;
  const credential = await readJson(credentialPath);
  const did = await readJson(didPath);
  const list = listPath ? await readJson(listPath) : null;
  const documentLoader = await makeLoader({did, list, folder: contextFolder(values.contexts)});
  const suite = new DataIntegrityProof({cryptosuite});
  const now = values.now ? new Date(values.now) : new Date();
  const proof = await vc.verifyCredential({
    credential, suite, documentLoader, now,
    // The proof is checked apart from the status, so that each gets its own answer.
    checkStatus: async () => ({verified: true})
  });
  const status = list ? await checkStatus({credential, suite, documentLoader}) : null;
  // "verified" there only says that the list itself holds; the bit is told apart from it.
  const revoked = status?.results?.some(({status: bit}) => bit === true) ?? false;
  const statusVerified = status ? status.verified && !revoked : null;
  const failed = [proof, status].find(result => result && !result.verified);
  const error = failed ? reason(failed.error) : revoked ? 'revoked' : null;
  console.log(JSON.stringify({verified: proof.verified, statusVerified, error}));
  return error === null ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch(error) {
  console.log(JSON.stringify({verified: false, statusVerified: null, error: reason(error)}));
  process.exitCode = 1;
}
