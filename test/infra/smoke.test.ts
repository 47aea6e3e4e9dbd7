import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { root } from './support/template.js';

interface Reply {
  status: number;
  body?: unknown;
}

const OLD = { status: 200, body: { status: 'healthy', version: '1.0.0' } };
const NEW = { status: 200, body: { status: 'healthy', version: '1.1.0+abc' } };
const DOWN = { status: 503, body: { status: 'unhealthy', version: '1.1.0+abc' } };

let server: Server | undefined;
afterEach(() => {
  server?.close();
});

/** An app that gives these answers one after the other, the last one for ever. */
async function serve(answers: readonly Reply[]): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  server = createServer((request, response) => {
    const { status, body } = answers[Math.min(asked.length, answers.length - 1)] ?? (DOWN as Reply);
    asked.push(request.url ?? '');
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    response.end(body === undefined ? '' : JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

async function smoke(url: string, version: string, seconds: number) {
  const script = path.join(root, 'infra/smoke.mjs');
  const env = { PATH: process.env.PATH, SMOKE_SECONDS: String(seconds), SMOKE_PAUSE: '0.05' };
  return promisify(execFile)(process.execPath, [script, url, version], { env });
}

describe('the smoke test of a deployment', () => {
  it('waits until the app is healthy and the new version answers', async () => {
    const { url, asked } = await serve([DOWN, OLD, DOWN, NEW]);
    const { stdout } = await smoke(url, '1.1.0+abc', 60);
    expect(stdout).toContain('reports version 1.1.0+abc');
    expect(asked).toEqual(['/api/health', '/api/health', '/api/health', '/api/health']);
  }, 60_000);

  it('takes any version when none is asked for', async () => {
    const { url } = await serve([OLD]);
    expect((await smoke(url, '', 60)).stdout).toContain('reports version 1.0.0');
  }, 60_000);

  it.each([
    { name: 'an app that is not healthy', answer: DOWN, says: 'answered 503' },
    { name: 'a host without functions', answer: { status: 404 }, says: 'the app could not be loaded' },
    { name: 'an app that still is the old one', answer: OLD, says: 'version 1.0.0, expected 1.1.0+abc' },
  ])(
    'fails for $name',
    async ({ answer, says }) => {
      const { url } = await serve([answer]);
      await expect(smoke(url, '1.1.0+abc', 0)).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringContaining(says),
      });
    },
    60_000,
  );

  it.each([[[]], [['--no-such']]])('shows how it is used for %j', async (given) => {
    const script = path.join(root, 'infra/smoke.mjs');
    await expect(promisify(execFile)(process.execPath, [script, ...given])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^Usage: /),
    });
  });

  it('fails for an address where no server answers', async () => {
    const { url } = await serve([NEW]);
    server?.close();
    await expect(smoke(url, '', 0)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('answered 000'),
    });
  }, 60_000);
});
