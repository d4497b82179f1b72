// Verify a JWT with jose: node jose.mjs TOKEN.jwt KEY.jwk --issuer DID --now INSTANT; prints one JSON document.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { importJWK, jwtVerify } from 'jose';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { issuer: { type: 'string' }, now: { type: 'string' } },
});
const [token, key] = positionals.map((path) => readFileSync(path, 'utf8'));

try {
  const found = await jwtVerify(token, await importJWK(JSON.parse(key), 'ES256'), {
    algorithms: ['ES256'],
    issuer: values.issuer,
    currentDate: new Date(values.now),
  });
  console.log(JSON.stringify({ verified: true, header: found.protectedHeader, payload: found.payload }));
} catch (error) {
  console.log(JSON.stringify({ verified: false, error: error.code }));
  process.exitCode = 1;
}
