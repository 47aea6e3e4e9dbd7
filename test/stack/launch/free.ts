import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { z } from 'zod';
import type { StackSettings } from './stack.js';

const partNames = {
  functions: 'Functions',
  dataverse: 'Dynamics',
  authScape: 'AuthScape',
  identity: 'Entra ID and Key Vault',
  queues: 'queues',
  tables: 'tables',
} satisfies Record<keyof StackSettings['ports'], string>;

const running = z.object({ dataverse: z.url(), pids: z.object({ stack: z.number() }) });

/**
 * Why no stack can be started here, in one line, or undefined: a port is taken, or the file with the addresses belongs
 * to a stack that is running. Only looks.
 */
export async function whyNotFree(
  ports: StackSettings['ports'],
  stackFile: string,
): Promise<string | undefined> {
  const owner = await ownerOf(stackFile);
  if (owner !== undefined) {
    return `A stack is running already (process ${owner}, ${stackFile}): end it, or set STACK_FILE and STACK_PORTS=0.`;
  }
  for (const [part, port] of Object.entries(ports) as [keyof typeof partNames, number][]) {
    if (port !== 0 && !(await isFree(port))) {
      return `Port ${port} (${partNames[part]}) is taken: end what uses it, or set STACK_PORTS=0 for free ones.`;
    }
  }
  return undefined;
}

/** The process of the stack that has written the file, as long as its simulators, which never restart, are there. */
async function ownerOf(stackFile: string): Promise<number | undefined> {
  let text: string;
  try {
    text = readFileSync(stackFile, 'utf8');
  } catch {
    return undefined;
  }
  const stack = running.safeParse(parsed(text));
  if (!stack.success) {
    return undefined;
  }
  const { hostname, port } = new URL(stack.data.dataverse);
  return (await answers(hostname, Number(port))) ? stack.data.pids.stack : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => end(true));
    const end = (found: boolean) => {
      socket.destroy();
      resolve(found);
    };
    socket.on('error', () => end(false));
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
