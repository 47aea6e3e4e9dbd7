import { generate } from 'selfsigned';

/** PEM texts of a certificate and its private key. */
export interface Certificate {
  cert: string;
  key: string;
}

const lifetimeMs = 30 * 24 * 3_600_000;

/**
 * A certificate that is its own authority, for localhost and 127.0.0.1. Clients have to be told to trust it
 * (`NODE_EXTRA_CA_CERTS`); the key exists only in this process.
 */
export async function makeCertificate(): Promise<Certificate> {
  const now = Date.now();
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    // A little in the past, because a client that started a moment earlier must not find it too young.
    notBeforeDate: new Date(now - 3_600_000),
    notAfterDate: new Date(now + lifetimeMs),
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { cert: made.cert, key: made.private };
}
