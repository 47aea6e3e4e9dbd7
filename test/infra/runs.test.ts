import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { root } from './support/template.js';

interface Run {
  readonly id: number;
  readonly path?: string;
  readonly event?: string;
  /** Null: a fork that is gone. */
  readonly from?: number | null;
  readonly expired?: boolean;
}

const OWN = 1;
const FORK = 2;
let server: Server | undefined;
afterEach(() => server?.close());

/** A GitHub with these runs, the later the newer, each with an artifact "healthy-prod". */
async function given(runs: readonly Run[]): Promise<string> {
  const artifacts = runs.map(({ id, from = OWN, expired = false }, index) => ({
    expired,
    created_at: `2026-01-01T00:${String(index % 60).padStart(2, '0')}:${String(Math.floor(index / 60)).padStart(2, '0')}Z`,
    workflow_run: { id, repository_id: OWN, head_repository_id: from },
  }));
  const answers = (url: URL): unknown => {
    const [, id] = /\/actions\/runs\/(\d+)$/.exec(url.pathname) ?? [];
    if (id === undefined) {
      const page = Number(url.searchParams.get('page'));
      return { artifacts: artifacts.slice((page - 1) * 100, page * 100) };
    }
    const run = runs.find((one) => String(one.id) === id);
    return (
      run && {
        path: run.path ?? '.github/workflows/deploy.yml',
        event: run.event ?? 'push',
        repository: { id: OWN },
        head_repository: run.from === null ? null : { id: run.from ?? OWN },
      }
    );
  };
  const started = createServer((request, response) => {
    const answer = answers(new URL(request.url ?? '', 'http://x'));
    response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? {}));
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const address = started.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

async function run(api: string, ...given: readonly string[]): Promise<string> {
  const env = { ...process.env, GITHUB_API_URL: api, GITHUB_REPOSITORY: 'o/r', GH_TOKEN: 't' };
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [path.join(root, 'infra/runs.mjs'), ...given],
      { env },
    );
    return stdout.trim();
  } catch {
    return 'failed';
  }
}

describe('the package before', () => {
  it('is the newest that the deployment workflow kept, whatever others left under its name', async () => {
    const api = await given([
      { id: 1 },
      { id: 2, event: 'workflow_dispatch' },
      { id: 3, from: FORK },
      { id: 4, path: '.github/workflows/ci.yml' },
      { id: 5, event: 'pull_request' },
      { id: 6, expired: true },
    ]);
    expect(await run(api, 'newest', 'healthy-prod')).toBe('2');
  });

  it('is found behind however many of them', async () => {
    const others = Array.from({ length: 250 }, (_, index) => ({ id: index + 2, from: FORK }));
    expect(await run(await given([{ id: 1 }, ...others]), 'newest', 'healthy-prod')).toBe('1');
  });

  it('is nothing where there is none', async () => {
    expect(await run(await given([]), 'newest', 'healthy-prod')).toBe('');
  });
});

it.each([
  ['a run of the workflow', { id: 7 }, ''],
  ['one whose path carries the branch', { id: 7, path: '.github/workflows/deploy.yml@main' }, ''],
  ['one of a fork', { id: 7, from: FORK }, 'failed'],
  ['one of a fork that is gone', { id: 7, from: null }, 'failed'],
  ['one of another workflow', { id: 7, path: '.github/workflows/ci.yml' }, 'failed'],
  ['one of a pull request', { id: 7, event: 'pull_request' }, 'failed'],
  ['one that is not there', { id: 8 }, 'failed'],
])('%s is taken or refused', async (_, made, outcome) => {
  expect(await run(await given([made]), 'check', '7')).toBe(outcome);
});

it.each([
  ['check', '../../user'],
  ['check', ''],
  ['else', '7'],
])('refuses %s "%s"', async (verb, argument) => {
  expect(await run(await given([]), verb, argument)).toBe('failed');
});
