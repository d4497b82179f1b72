// Signs and verifies credentials with @digitalbazaar/vc and prints {"issue": n, "verify": n} per CPU second.
// Usage: node bench/credentials/peer.mjs credentials.json did.json --contexts FOLDER
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as vc from '@digitalbazaar/vc';
import { contexts as credentialContexts } from '@digitalbazaar/credentials-context';
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import { contexts as integrityContexts } from '@digitalbazaar/data-integrity-context';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import { cryptosuite } from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import { contexts as multikeyContexts } from '@digitalbazaar/multikey-context';

const OPEN_BADGES = {
  'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json': 'ob-v3p0-context-3.0.3.json',
  'https://purl.imsglobal.org/spec/ob/v3p0/extensions.json': 'ob-v3p0-extensions.json',
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { contexts: { type: 'string' } } });
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const [issued, issuer] = positionals.map(readJson);

const known = new Map([...credentialContexts, ...integrityContexts, ...multikeyContexts]);
for (const [url, name] of Object.entries(OPEN_BADGES)) known.set(url, readJson(join(values.contexts, name)));
known.set(issuer.id, issuer);
for (const method of issuer.verificationMethod) {
  known.set(method.id, { '@context': 'https://w3id.org/security/multikey/v1', ...method });
}
const documentLoader = async (url) => {
  if (!known.has(url)) throw new Error(`not in the bundle: ${url}`);
  return { contextUrl: null, documentUrl: url, document: known.get(url) };
};

const key = await Ed25519Multikey.generate({ controller: issuer.id });
const own = await key.export({ publicKey: true });

async function issueAll() {
  for (const { proof, ...credential } of issued) {
    const suite = new DataIntegrityProof({ cryptosuite, signer: key.signer(), date: proof.created });
    await vc.issue({ credential, suite, documentLoader });
  }
}

async function verifyAll() {
  for (const credential of issued) {
    const suite = new DataIntegrityProof({ cryptosuite });
    const now = new Date(credential.validFrom);
    const found = await vc.verifyCredential({ credential, suite, documentLoader, now, checkStatus: async () => ({ verified: true }) });
    if (!found.verified) throw found.error;
  }
}

async function rate(work) {
  await work();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return issued.length / ((user + system) / 1e6);
}

if (!own.publicKeyMultibase) throw new Error('no key');
console.log(JSON.stringify({ issue: await rate(issueAll), verify: await rate(verifyAll) }));
