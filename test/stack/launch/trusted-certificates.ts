import { existsSync, readFileSync } from 'node:fs';

/** Node takes one file of additional authorities: what the machine trusts already comes along. */
export function trustedCertificates(certificate: string, env: NodeJS.ProcessEnv): string {
  const present = env.NODE_EXTRA_CA_CERTS;
  return present === undefined || !existsSync(present)
    ? certificate
    : `${readFileSync(present, 'utf8').trimEnd()}\n${certificate}`;
}
