import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuthScape } from '../../src/adapters/authscape/authscape.js';
import { type Harness, startHarness } from '../stack/authscape/harness.js';
import { createMemorySystems, type MemorySystems } from '../support/memory-systems.js';
import { connect, insert } from './authscape/fixture.js';
import { type Bench, startBench } from './dataverse/support.js';

/** The systems in memory, on which the engine is tested, find what the adapters find in front of the simulators. */

const NAMES = [
  ...[
    'M\u00fcller GmbH',
    'MULLER GMBH',
    'Mu\u0308ller GmbH',
    'Strau\u00df',
    'STRAUSS',
    'stra\u1e9ee',
    'strasse',
  ],
  ...[
    'Fjord AS',
    'FJORD  AS',
    'Fjord\u3164AS',
    '\uff26jord AS',
    '\ufb01nance',
    'Finance',
    '\u0153uvre',
    'OEUVRE',
  ],
  ...['\u039f\u0394\u039f\u03a3', '\u03bf\u03b4\u03bf\u03c2', '\u0130stanbul', 'istanbul', '\u0131stanbul'],
  ...[
    'Nr. \u2460',
    'Nr. 1',
    'A\u2013B',
    'A-B',
    'AB',
    '[AB]',
    'A%',
    'A_',
    "O'Brien",
    'O\u2019Brien',
    'e\u0301',
  ],
];
const AROUND = [
  ...[
    '',
    '',
    ' ',
    '  ',
    '\u00a0',
    '\t',
    '\u2003',
    '\u3000',
    '\u2009',
    '\u200b',
    '\ufeff',
    '\u2060',
    '\u202a',
  ],
  ...['\u00ad', '\u3164'],
];

const name = fc.constantFrom(...NAMES);
const around = fc.constantFrom(...AROUND);
const spelt = fc
  .tuple(around, name, around)
  .map((parts) => parts.join(''))
  .filter((text) => text.length <= 50);

/** The same rows everywhere: each name plain, and a good part of them with something around. */
const STORED = [...NAMES, ...fc.sample(spelt, { numRuns: 90, seed: 14 })];

describe('Dynamics in memory and the simulator', () => {
  let bench: Bench;
  let memory: MemorySystems;
  const ids = STORED.map(() => randomUUID());

  beforeAll(async () => {
    bench = await startBench();
    memory = createMemorySystems();
    for (const [index, firstname] of STORED.entries()) {
      const id = ids[index] ?? '';
      await bench.system.create('contact', id, { firstname, lastname: 'L' }, ['firstname']);
      await memory.d.system.create('contact', id, { firstname, lastname: 'L' }, ['firstname']);
    }
  });
  afterAll(() => bench.close());

  it('[P1] find the same rows by a name in any spelling', async () => {
    await fc.assert(
      fc.asyncProperty(spelt, fc.constantFrom('any', 'usual'), async (firstname, spelling) => {
        const find = async (system: Bench['system']) => {
          const rows = await system.findBy('contact', [{ firstname }], ['firstname'], spelling);
          return rows.map(({ values }) => JSON.stringify(values.firstname)).sort();
        };
        expect(await find(memory.d.system)).toEqual(await find(bench.system));
      }),
      { numRuns: 150 },
    );
  });
});

describe('AuthScape in memory and the simulator', () => {
  let harness: Harness;
  let authScape: AuthScape;
  let memory: MemorySystems;
  const emails = STORED.map((text, index) => `${text.replaceAll('@', '')}${index}@x.example`);

  beforeAll(async () => {
    harness = await startHarness();
    await harness.sim('POST', 'install', { module: true });
    await harness.sim('POST', 'tokens', { mode: 'patched', identity: true });
    authScape = connect(harness, { pageSize: 50 });
    memory = createMemorySystems();
    await insert(harness, {
      companies: STORED.map((title) => ({ title })),
      users: emails.map((email) => ({ email })),
    });
    for (const title of STORED) memory.a.people.insert('Company', { title });
    for (const email of emails) memory.a.people.insert('User', { email });
  });
  afterAll(async () => {
    authScape.close();
    await harness.close();
  });

  const found = async (system: AuthScape['system'], entity: 'Company' | 'User', text: string) => {
    const key = entity === 'Company' ? 'title' : 'email';
    const records = await system.findBy(entity, { [key]: text }, [key]);
    return records.map(({ values }) => JSON.stringify(values[key])).sort();
  };

  it('[P1] find the same companies by a name in any spelling: all that matching takes for the same', async () => {
    await fc.assert(
      fc.asyncProperty(spelt, async (title) => {
        const inMemory = await found(memory.a.system, 'Company', title);
        expect(inMemory).toEqual(await found(authScape.system, 'Company', title));
      }),
      { numRuns: 60 },
    );
    expect(await found(authScape.system, 'Company', 'muller  gmbh')).toEqual(
      expect.arrayContaining(['"M\u00fcller GmbH"', '"MULLER GMBH"']),
    );
  });

  it('[P1] find the same users by an e-mail in any spelling', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...emails), around, around, async (email, before, after) => {
        const asked = `${before}${email}${after}`;
        expect(await found(memory.a.system, 'User', asked)).toEqual(
          await found(authScape.system, 'User', asked),
        );
      }),
      { numRuns: 60 },
    );
  });
});
