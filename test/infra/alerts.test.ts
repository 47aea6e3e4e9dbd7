import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { allRoutes } from '../../src/functions/routes/table.js';
import { createHarness } from '../application/support/harness.js';
import { aMapping } from '../support/builders.js';
import { storageNames } from './support/known-settings.js';
import { bicepTexts, root } from './support/template.js';

const alerts = bicepTexts().get('app/alerts.bicep') ?? '';
const queryOf = (rule: string): string => {
  const [, query = ''] = new RegExp(`name: '${rule}'.*?'''(.*?)'''`, 's').exec(alerts) ?? [];
  return query;
};

describe('the alerts', () => {
  it('find the line that the app writes when a run fails, with the reason in it', async () => {
    const [, words = ''] = /has "([^"]+)"/.exec(queryOf('failed-runs')) ?? [];
    const bridge = await createHarness({ mappings: [aMapping({ crmEntity: 'no_such_table' })] });
    const run = await bridge.sync('full');
    expect(run).toMatchObject({ status: 'failed', error: { code: 'schema_changed' } });
    const lines = bridge.lines
      .map((line) => JSON.parse(line))
      .filter(({ message }) => message.includes(words));
    expect(lines).toEqual([
      expect.objectContaining({ level: 'error', runId: run.id, connectionId: run.connectionId }),
    ]);
    expect(lines[0]).toMatchObject({ error: { code: 'schema_changed' } });
  });

  it('find what becomes a dead letter at once, because one side refuses the record', async () => {
    const [, words = ''] = /has "([^"]+)"/.exec(queryOf('dead-letters')) ?? [];
    expect(words).not.toBe('');
    const bridge = await createHarness();
    bridge.a.people.insert('User', { firstName: 'Ada', lastName: 'L', email: 'ada@x.test', isActive: true });
    await bridge.sync('full');
    const [link] = await bridge.links();
    bridge.d.people.set('contact', link?.crmId ?? '', { emailaddress1: 'not an address' });
    await bridge.event('dynamics', 'contact', link?.crmId ?? '');
    const before = bridge.lines.length;
    await bridge.drain();
    const { items } = await bridge.storage.deadLetters.list(bridge.connection.id, 10);
    const told = bridge.lines.slice(before).filter((line) => JSON.parse(line).message.includes(words));
    expect([items.length, told.length]).toEqual([1, 1]);
    expect(JSON.parse(told[0] ?? '')).toMatchObject({ level: 'warn', code: items[0]?.cause.code });
    expect(told[0]).not.toContain('not an address');
  });

  it('read lines and metrics only, which nothing samples: the host in this mode has no sampling', () => {
    const host = JSON.parse(readFileSync(path.join(root, 'host.json'), 'utf8'));
    expect(host).toMatchObject({ telemetryMode: 'OpenTelemetry' });
    // The host passes over it in this mode.
    expect(host).not.toHaveProperty('logging.applicationInsights');
    const read = [...alerts.matchAll(/\bApp[A-Z]\w+/g)].map(([table]) => table);
    expect([...new Set(read)].sort()).toEqual(['AppMetrics', 'AppTraces']);
  });

  it('and the workbook read metrics that the app tells, and the workbook shows all of them but the ticks', () => {
    const port = readFileSync(path.join(root, 'src/application/ports/telemetry.ts'), 'utf8');
    const told = [...port.matchAll(/\| '(bridge\.[\w.]+)'/g)].map(([, name = '']) => name);
    const workbook = readFileSync(path.join(root, 'infra/app/workbook.json'), 'utf8');
    const asked = (text: string) =>
      [...text.matchAll(/Name == \\?"(bridge\.[\w.]+)/g)].map(([, name]) => name);
    expect(asked(alerts).filter((name) => !told.includes(name ?? ''))).toEqual([]);
    expect(asked(workbook).sort()).toEqual(told.filter((name) => name !== 'bridge.timer.ticks').sort());
    expect(asked(alerts)).toContain('bridge.timer.ticks');
  });

  it('look at the queues that the app uses', () => {
    const { queues } = storageNames();
    const poison = queues.filter((name) => name.endsWith('-poison'));
    const work = queues.filter((name) => !name.endsWith('-poison'));
    for (const name of poison) expect(queryOf('dead-letters')).toContain(`"${name}"`);
    const [, pattern = ''] = /extract\(@"([^"]+)"/.exec(queryOf('queue-age')) ?? [];
    const matched = (queue: string) => new RegExp(pattern).exec(`https://x/${queue}/messages/1`)?.[1];
    expect(work.map(matched)).toEqual(work);
    expect(poison.map(matched)).toEqual(poison.map(() => undefined));
  });

  it('count refusals of the receiver under the name by which it is registered', () => {
    const receiver = allRoutes().find(({ path: route }) => route.startsWith('crm/webhook/dynamics/'));
    expect(queryOf('refused-events')).toContain(`Properties["function"]) == "${receiver?.name}"`);
  });
});
