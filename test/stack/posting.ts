import { Agent, request } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';

/** How a post ended: a status, no answer in time, or no connection. */
export type PostResult = { status: number } | { failed: 'timeout' | 'connection'; reason: string };

/** What a connection that was closed from the other side gives. */
const CLOSED = ['ECONNRESET', 'EPIPE'];

export interface Post {
  url: string;
  headers: Record<string, string>;
  body: string;
  timeoutMs: number;
}

/**
 * Posts texts to receivers over connections that are kept. A receiver may close one just when the next post goes out over
 * it: as HTTP clients do, and Dataverse's among them, that post is sent once more over another connection.
 */
export class Poster {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #tlsAgent = new TlsAgent({ keepAlive: true });

  close(): void {
    this.#agent.destroy();
    this.#tlsAgent.destroy();
  }

  /** Never rejects. The body of the answer is thrown away. */
  post({ url, headers, body, timeoutMs }: Post): Promise<PostResult> {
    const isTls = url.startsWith('https:');
    const send = isTls ? tlsRequest : request;
    return new Promise((resolve) => {
      const length = String(Buffer.byteLength(body));
      const sent = send(url, {
        method: 'POST',
        agent: isTls ? this.#tlsAgent : this.#agent,
        headers: { 'Content-Type': 'application/json', ...headers, 'Content-Length': length },
      });
      const timer = setTimeout(() => {
        resolve({ failed: 'timeout', reason: `No answer within ${timeoutMs} ms` });
        sent.destroy();
      }, timeoutMs);
      timer.unref();
      sent.on('response', (response) => {
        clearTimeout(timer);
        response.on('error', () => undefined);
        response.resume();
        resolve({ status: response.statusCode ?? 0 });
      });
      sent.on('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        const wasClosed = sent.reusedSocket && CLOSED.includes(error.code ?? '');
        resolve(
          wasClosed
            ? this.post({ url, headers, body, timeoutMs })
            : { failed: 'connection', reason: error.message },
        );
      });
      sent.end(body);
    });
  }
}
