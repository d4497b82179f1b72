// Verifies many JWT with jose: node jose_table.mjs TOKENS.json KEY.jwk ISSUER; prints {name: accepted or refused}.
import {readFileSync} from 'node:fs';
import {importJWK, jwtVerify} from 'jose';

const [tokens, jwk] = process.argv.slice(2, 4).map(path => JSON.parse(readFileSync(path, 'utf8')));
const key = await importJWK(jwk, 'ES256');
const found = {};
for(const [name, token] of Object.entries(tokens)) {
  try {
    await jwtVerify(token, key, {algorithms: ['ES256'], issuer: process.argv[4]});
    found[name] = 'accepted';
  } catch {
    found[name] = 'refused';
  }
}
console.log(JSON.stringify(found));
