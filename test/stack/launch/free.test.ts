import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { whyNotFree } from './free.js';

const directory = mkdtempSync(join(tmpdir(), 'free-'));
const none = { functions: 0, dataverse: 0, authScape: 0, identity: 0, queues: 0, tables: 0 };
const file = join(directory, 'stack.json');
let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as { port: number }).port;
});
afterEach(() => rmSync(file, { force: true }));
afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

const writeFile = (address: number) =>
  writeFileSync(file, JSON.stringify({ dataverse: `http://127.0.0.1:${address}`, pids: { stack: 4711 } }));

it('names the first port that is taken, and what it is for', async () => {
  expect(await whyNotFree({ ...none, authScape: port }, file)).toBe(
    `Port ${port} (AuthScape) is taken: end what uses it, or set STACK_PORTS=0 for free ones.`,
  );
});

it('names the stack whose file it would overwrite', async () => {
  writeFile(port);
  expect(await whyNotFree(none, file)).toContain(`A stack is running already (process 4711, ${file})`);
});

it.each([
  ['without a file', () => undefined],
  ['with a file of a stack that is gone', () => writeFile(1)],
  ['with a file that is none', () => writeFileSync(file, '{"pids":')],
])('finds nothing in the way %s', async (_, prepare) => {
  prepare();
  expect(await whyNotFree(none, file)).toBeUndefined();
});
