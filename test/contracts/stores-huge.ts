import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newId, newRunId, type OpenStores, sampleLink, sampleLog, sampleRecord } from './stores-samples.js';

/** Text that does not pack, as pictures and documents in a text field are. */
const noise = (length: number) => randomBytes(length).toString('base64').slice(0, length);

const told = (text: string) =>
  `… [${text.length} characters, sha256:${createHash('sha256').update(text).digest('hex')}]`;

/** Values of more than a row takes: 64 KiB a property and 1 MiB an entity, at two bytes a character. */
export function hugeValuesContract(open: OpenStores): void {
  describe('values that are larger than a row', () => {
    it.each([
      ['of one byte', (length: number) => noise(length)],
      ['of four bytes', (length: number) => noise(length / 2).replace(/[A-Za-m]/g, '\u{1f600}')],
    ])('[V5] are in the log with their beginning, length and digest: characters %s', async (_what, make) => {
      const { logs } = open().stores;
      const [from, to, dropped] = [make(600_000), make(600_000), make(1_100_000)];
      const entry = sampleLog(newId('c'), {
        fields: [{ field: 'description', from, to, dropped, rule: 'cut' }],
        error: { code: 'unknown_option', message: make(1_100_000) },
      });
      await logs.append([entry]);
      const [found] = (await logs.list(entry.connectionId, {}, 10)).items;
      const [field] = found?.fields ?? [];
      for (const [shown, whole] of [
        [field?.from, from],
        [field?.to, to],
        [field?.dropped, dropped],
        [found?.error?.message, entry.error?.message ?? ''],
      ] as const) {
        const text = String(shown);
        expect(text.endsWith(told(whole))).toBe(true);
        expect(whole.startsWith(text.slice(0, 5_000))).toBe(true);
      }
      expect(found).toMatchObject({ id: entry.id, status: entry.status });
    });

    it.each([
      ['one of 1.1 million characters', { description: noise(1_100_000), name: 'Ada' }],
      ['two of 600,000', { description: noise(600_000), other: noise(600_000), name: 'Ada' }],
      [
        'two hundred of 5,000',
        {
          ...Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`t${n}`, noise(5_000)])),
          name: 'Ada',
        },
      ],
    ])('[V5] are cut in staging, which reads the record anew: %s', async (_what, values) => {
      const { staging } = open().stores;
      const scope = { connectionId: newId('c'), runId: newRunId(Date.now()), mappingId: 'm_users' };
      const huge = sampleRecord('1', { values, complete: true });
      const plain = sampleRecord('2');
      await staging.putRecords(scope, 'authScape', [huge, plain]);
      const found = await staging.getRecords(scope, 'authScape', ['1', '2']);
      expect(found.get('2')).toEqual(plain);
      expect(found.get('1')).toMatchObject({ id: '1', complete: false, values: { name: 'Ada' } });
    });

    it('[V5] are in the plan of a link with their beginning, for the log of who finds it', async () => {
      const { links } = open().stores;
      const oldText = noise(1_100_000);
      const field = {
        fieldId: 'f1',
        side: 'dynamics',
        from: 'a',
        to: 'a',
        old: 'b',
        oldText,
        rule: 'cut',
      } as const;
      const plan = { runId: null, madeAt: '2026-01-01T00:00:00Z', kind: 'update', fields: [field] } as const;
      const link = sampleLink(newId('c'), { plan });
      expect(await links.insert(link)).toMatchObject({ kind: 'inserted' });
      const found = await links.get(link.connectionId, link.mappingId, link.authScapeId);
      const kept = String(found?.value.plan?.fields[0]?.oldText);
      expect(kept.endsWith(told(oldText))).toBe(true);
      expect(found?.value.base).toEqual(link.base);
    });
  });
}
