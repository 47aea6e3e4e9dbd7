import { createServer } from 'node:http';
import { vi } from 'vitest';
import { listen, readRequest, stop } from './wire.js';

interface Received {
  path: string;
  query: Record<string, string>;
  headers: Record<string, unknown>;
  text: string;
}

/** A local server that keeps what it is sent. */
export interface Receiver {
  url: string;
  received: Received[];
  /** Statuses of the next answers, `hang` for none at all; 202 when there are no more. */
  answers: (number | 'hang')[];
  /** Waits until so many requests have come. */
  until(count: number): Promise<Received[]>;
  close(): Promise<void>;
}

export async function startReceiver(port = 0): Promise<Receiver> {
  const received: Received[] = [];
  const answers: (number | 'hang')[] = [];
  const server = createServer((message, response) => {
    void readRequest(message).then(({ url, headers, body }) => {
      const query = Object.fromEntries(url.searchParams);
      received.push({ path: url.pathname, query, headers, text: body.toString() });
      const answer = answers.shift() ?? 202;
      if (answer !== 'hang') {
        response.writeHead(answer).end();
      }
    });
  });
  const bound = await listen(server, port);
  return {
    url: `http://127.0.0.1:${bound}`,
    received,
    answers,
    async until(count) {
      await vi.waitUntil(() => received.length >= count, { timeout: 5000, interval: 5 });
      return received;
    },
    close: () => stop(server),
  };
}
