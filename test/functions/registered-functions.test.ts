import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { openApiDocument } from '../../src/functions/routes/document.js';
import { allRoutes } from '../../src/functions/routes/table.js';
import { compileRoute } from '../stack/functions/routes.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Binding {
  readonly type: string;
  readonly authLevel?: string;
  readonly methods?: readonly string[];
  readonly route?: string;
}

interface Registered {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
}

describe('the registered functions', () => {
  let functions: readonly Registered[];
  let triggers: readonly (Binding & { name: string })[];
  beforeAll(async () => {
    const script = path.join(root, 'test/support/registered-functions.ts');
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script], {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        AzureWebJobsStorage: 'UseDevelopmentStorage=true',
        KEY_VAULT_URI: 'https://vault.vault.azure.net',
        AuthScape__ApiUrl: 'https://api.example',
        AuthScape__IdpUrl: 'https://idp.example',
        AuthScape__ClientId: 'bridge',
        AuthScape__ClientSecret: 'secret',
      },
    });
    functions = JSON.parse(stdout) as Registered[];
    triggers = functions.map(({ name, bindings }) => {
      const trigger = Object.values(bindings).find(({ type }) => type.endsWith('Trigger'));
      if (!trigger) throw new Error(`${name} has no trigger.`);
      return { ...trigger, name };
    });
  }, 30_000);

  it('are open without a key only where that is meant; all others require one', () => {
    const open = triggers.filter(({ authLevel }) => authLevel === 'anonymous').map(({ route }) => route);
    expect(open.sort()).toEqual([
      'console/{*path}',
      'crm/webhook/dynamics/{connectionId}',
      'docs',
      'health',
      'openapi.json',
    ]);
    const levels = triggers.filter(({ type }) => type === 'httpTrigger').map(({ authLevel }) => authLevel);
    expect(new Set(levels)).toEqual(new Set(['function', 'anonymous']));
  });

  it('are the operations of the OpenAPI document, all of them', () => {
    const { paths } = openApiDocument(allRoutes(), '1.0.0');
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { operationId }]) => `${operationId}: ${method} ${path}`),
    );
    const registered = triggers
      .filter(({ name, type }) => type === 'httpTrigger' && !['console', 'docs'].includes(name))
      .flatMap(({ methods = [], name, route }) =>
        methods.map((method) => `${name}: ${method.toLowerCase()} /api/${route}`),
      );
    expect(registered.sort()).toEqual(described.sort());
  });

  it('have names and routes of their own, and none that the host keeps for itself', () => {
    expect(new Set(functions.map(({ name }) => name.toLowerCase())).size).toBe(functions.length);
    const keys = triggers.flatMap(({ methods, route }) =>
      (methods ?? []).map((method) => `${method} ${route}`),
    );
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.filter((key) => /^\S+ (admin|runtime)/i.test(key))).toEqual([]);
  });

  it('hide none behind another: the host takes the first match in the order of names', () => {
    const http = triggers.filter(({ type }) => type === 'httpTrigger');
    const hidden = http.flatMap((one) =>
      http
        .filter((other) => other.name !== one.name && sharesMethod(one, other) && other.route !== one.route)
        .filter(
          (other) => compileRoute(one.route ?? '')(`${other.route}`.replaceAll(/[{}]/g, 'x')) !== undefined,
        )
        .map((other) => `${one.name} matches the path of ${other.name}`),
    );
    expect(hidden).toEqual([]);
  });

  it('take timer and queues from where the rest of the app puts them', () => {
    const others = triggers.filter(({ type }) => type !== 'httpTrigger');
    expect(others).toMatchObject([
      { name: 'schedule', type: 'timerTrigger', schedule: '%SYNC_SCHEDULE%' },
      { name: 'workerRuns', type: 'queueTrigger', queueName: 'sync-runs', connection: 'AzureWebJobsStorage' },
      {
        name: 'workerRecords',
        type: 'queueTrigger',
        queueName: 'sync-records',
        connection: 'AzureWebJobsStorage',
      },
      { name: 'poisonRuns', queueName: 'sync-runs-poison', connection: 'AzureWebJobsStorage' },
      { name: 'poisonRecords', queueName: 'sync-records-poison', connection: 'AzureWebJobsStorage' },
    ]);
  });
});

function sharesMethod(one: Binding, other: Binding): boolean {
  return (one.methods ?? []).some((method) => other.methods?.includes(method));
}
