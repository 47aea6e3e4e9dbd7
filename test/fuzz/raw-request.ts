import { request } from 'node:http';

export interface RawRequest {
  readonly method: string;
  /** Sent as it is: `fetch` would resolve `..` and its encoded forms. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
}

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: string;
}

const PATIENCE_MS = 120_000;

/** Sends a request whose path no client would write so, and reads the whole answer. */
export function sendRaw(origin: string, { method, path, headers, body }: RawRequest): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const sent = request(
      { hostname, port, method, path, headers, timeout: PATIENCE_MS, agent: false },
      (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.on('error', reject);
        reply.on('end', () =>
          resolve({
            status: reply.statusCode ?? 0,
            text: Buffer.concat(chunks).toString(),
            headers: JSON.stringify(reply.headers),
          }),
        );
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer in ${PATIENCE_MS} ms.`)));
    sent.on('error', reject);
    sent.end(body);
  });
}
