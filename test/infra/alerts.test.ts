import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
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

  it('look at the queues that the app uses', () => {
    const { queues } = storageNames();
    const poison = queues.filter((name) => name.endsWith('-poison'));
    const work = queues.filter((name) => !name.endsWith('-poison'));
    for (const name of poison) expect(queryOf('poison-messages')).toContain(`"${name}"`);
    const [, pattern = ''] = /extract\(@"([^"]+)"/.exec(queryOf('queue-age')) ?? [];
    const matched = (queue: string) => new RegExp(pattern).exec(`https://x/${queue}/messages/1`)?.[1];
    expect(work.map(matched)).toEqual(work);
    expect(poison.map(matched)).toEqual(poison.map(() => undefined));
  });

  it('wait for the timer by the name under which it is registered', () => {
    const main = readFileSync(path.join(root, 'src/main.ts'), 'utf8');
    const [, name = ''] = /app\.timer\('(\w+)'/.exec(main) ?? [];
    expect(queryOf('silence')).toContain(`Name == "${name}"`);
  });
});
