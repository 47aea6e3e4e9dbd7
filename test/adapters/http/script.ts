import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../../src/application/ports/runtime.js';

interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Step = (response: ServerResponse, request: SeenRequest) => void;

export interface ScriptedServer {
  readonly url: string;
  readonly seen: SeenRequest[];
  /** Sockets that were ever opened. */
  sockets(): number;
  close(): Promise<void>;
}

/** A loopback server that plays its steps in order; the last one repeats. */
export async function startScript(...steps: readonly [Step, ...Step[]]): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  let sockets = 0;
  const server = createServer((message, response) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      const request: SeenRequest = {
        method: message.method ?? '',
        path: message.url ?? '',
        headers: message.headers,
        body: Buffer.concat(chunks).toString(),
      };
      const step = steps[Math.min(seen.length, steps.length - 1)];
      seen.push(request);
      step?.(response, request);
    });
  });
  server.on('connection', () => {
    sockets += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    sockets: () => sockets,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function reply(status: number, body: unknown = '', headers: Record<string, string> = {}): Step {
  return (response) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, headers).end(text);
  };
}

/** Cuts the connection without an answer. */
export const cut: Step = (response) => {
  response.destroy();
};

/** Never answers. */
export const noAnswer: Step = () => undefined;

/** A clock that only moves when a caller sleeps; keeps what was slept. */
export function handClock(
  start = 1_700_000_000_000,
): Clock & { readonly slept: number[]; move(ms: number): void } {
  let now = start;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
    move: (ms) => {
      now += ms;
    },
  };
}
