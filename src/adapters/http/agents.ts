import { type ClientRequestArgs, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import { CONNECT_TIMEOUT } from './failure.js';

type Created = (error: Error | null, stream: Duplex) => void;

export interface AgentOptions {
  readonly maxSockets: number;
  readonly connectTimeoutMs: number;
  readonly lookup?: LookupFunction | undefined;
}

/** Keep-alive agents that give up on a connection that is not made in time: axios itself has no such limit. */
export function createAgents(options: AgentOptions): {
  httpAgent: HttpAgent;
  httpsAgent: HttpsAgent;
  close(): void;
} {
  const { connectTimeoutMs, lookup, maxSockets } = options;
  const settings = {
    keepAlive: true,
    ...{ maxSockets, maxFreeSockets: maxSockets },
    ...(lookup === undefined ? {} : { lookup }),
  };

  class PlainAgent extends HttpAgent {
    override createConnection(args: ClientRequestArgs, created?: Created): Duplex | null | undefined {
      return limited(super.createConnection(args, created), 'connect', connectTimeoutMs);
    }
  }
  class TlsAgent extends HttpsAgent {
    override createConnection(args: RequestOptions, created?: Created): Duplex | null | undefined {
      return limited(super.createConnection(args, created), 'secureConnect', connectTimeoutMs);
    }
  }
  const httpAgent = new PlainAgent(settings);
  const httpsAgent = new TlsAgent(settings);
  return {
    httpAgent,
    httpsAgent,
    close: () => {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

function limited(socket: Duplex | null | undefined, ready: string, timeoutMs: number) {
  if (!socket) return socket;
  const timer = setTimeout(() => {
    socket.destroy(
      Object.assign(new Error('The connection was not made in time.'), { code: CONNECT_TIMEOUT }),
    );
  }, timeoutMs);
  const clear = () => clearTimeout(timer);
  socket.once(ready, clear);
  socket.once('close', clear);
  return socket;
}
