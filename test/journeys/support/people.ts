import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { fetchTrusting } from '../../stack/entra/trusting-fetch.js';
import type { Stack } from '../../stack/launch/stack.js';

const metadataSchema = z.object({ authorization_endpoint: z.url(), token_endpoint: z.url() });
const tokensSchema = z.object({ access_token: z.string(), id_token: z.string() });
const REDIRECT = 'http://127.0.0.1:1/signed-in';

/** Signs a person of the stack in as a browser would: discovery, sign-in page, authorization code with PKCE. */
export async function signInAs(stack: Stack, name: string): Promise<string> {
  const { issuer, users = [] } = stack.info;
  const person = users.find((user) => user.name === name);
  const file = join(dirname(stack.logFiles.functions), 'trusted.pem');
  const fetchIt = fetchTrusting(readFileSync(file, 'utf8'));
  const metadata = metadataSchema.parse(
    JSON.parse((await fetchIt(`${issuer}/.well-known/openid-configuration`)).text),
  );
  const verifier = randomBytes(32).toString('base64url');
  const request = {
    client_id: await clientIdOf(stack),
    response_type: 'code',
    redirect_uri: REDIRECT,
    scope: 'openid profile',
    state: 'somewhere',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  };
  const entered = new URLSearchParams({ ...request, username: name, password: person?.password ?? '' });
  const answer = await fetchIt(metadata.authorization_endpoint, { method: 'POST', body: String(entered) });
  const target = new URL(String(answer.headers.location));
  const code = target.searchParams.get('code') ?? '';
  const exchange = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: request.client_id,
    redirect_uri: REDIRECT,
    code,
    code_verifier: verifier,
  });
  const tokens = await fetchIt(metadata.token_endpoint, { method: 'POST', body: String(exchange) });
  return tokensSchema.parse(JSON.parse(tokens.text)).access_token;
}

const configSchema = z.object({
  issuers: z.array(z.object({ authority: z.string(), clientId: z.string() })),
});

/** The console is told where people sign in, and under which client id. */
async function clientIdOf({ info }: Stack): Promise<string> {
  const reply = await fetch(`${info.functions}/api/console/config.json`);
  const [issuer] = configSchema.parse(await reply.json()).issuers;
  if (issuer === undefined || issuer.authority !== info.issuer)
    throw new Error('The console is not told of the issuer.');
  return issuer.clientId;
}
