import { Agent, request } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';

/** How a post ended: a status, no answer in time, or no connection. */
export type PostResult = { status: number } | { failed: 'timeout' | 'connection'; reason: string };

export interface Post {
  url: string;
  headers: Record<string, string>;
  body: string;
  timeoutMs: number;
}

/** Posts texts to receivers over connections that are kept. */
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
      sent.on('error', (error) => {
        clearTimeout(timer);
        resolve({ failed: 'connection', reason: error.message });
      });
      sent.end(body);
    });
  }
}
