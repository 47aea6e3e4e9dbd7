import { generate } from 'selfsigned';

/** PEM texts of a certificate and its private key. */
export interface Certificate {
  cert: string;
  key: string;
}

/** A certificate with an RSA key, as an application signs in with: key, certificate and its authority in one PEM text. */
export async function makeSigningCertificate(notAfterDate: Date): Promise<Certificate & { pem: string }> {
  const attributes = [{ name: 'commonName', value: 'sync' }];
  const notBeforeDate = new Date(Date.now() - 3_600_000);
  const options = { keyType: 'rsa', keySize: 2048, algorithm: 'sha256', notBeforeDate } as const;
  const authority = await generate([{ name: 'commonName', value: 'authority' }], {
    ...options,
    notAfterDate: new Date(Date.now() + lifetimeMs * 12),
    extensions: [{ name: 'basicConstraints', cA: true }],
  });
  const { cert, private: key } = await generate(attributes, {
    ...{ ...options, notAfterDate },
    ca: { key: authority.private, cert: authority.cert },
  });
  return { cert, key, pem: [key, cert, authority.cert].join('\n') };
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
