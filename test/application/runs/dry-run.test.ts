import { describe, expect, it } from 'vitest';
import { createRandom } from '../../model/random.js';
import { aContact, aUser, linkOf } from '../support/actors.js';
import * as deeds from '../support/deeds.js';
import { createHarness, type Harness } from '../support/harness.js';
import type { Deed } from '../support/history.js';
import { companyMapping, USER_COMPANY, userMapping } from '../support/mappings.js';

/** More with the histories of `npm run test:convergence`. */
const SEEDS = Math.ceil(Number(process.env.CONVERGENCE_HISTORIES ?? 160) / 40);

/** Everything that a run lists: what is done to which records, each field with its values and rule, each failure. */
async function listed(bridge: Harness, runId: string): Promise<readonly string[]> {
  const entries = await bridge.logs(runId);
  // The id of a user that is not there yet is AuthScape's to give.
  const created = new Set(entries.filter(({ action }) => action === 'create').map(({ crmId }) => crmId));
  return entries
    .flatMap(({ side, action, authScapeId, crmId, fields, error, outcome }) => {
      const what = `${side} ${action} ${created.has(crmId) ? 'new' : authScapeId}/${crmId} ${outcome}`;
      const changes = fields.map(
        ({ field, from, to, rule }) => `${what} ${field}: ${from} -> ${to} (${rule})`,
      );
      return error === undefined ? changes : [...changes, `${what} ${error.code} ${error.field ?? ''}`];
    })
    .sort();
}

/** A dry run, then the real one: both list the same, and the first one left no trace. */
async function bothRuns(bridge: Harness, mode: 'full' | 'incremental') {
  const before = JSON.stringify([await bridge.links(), await bridge.links('m_company')]);
  const changes = bridge.world.changes.length;
  const dry = await bridge.sync(mode, { dryRun: true });
  expect(bridge.world.changes.length).toBe(changes);
  expect(JSON.stringify([await bridge.links(), await bridge.links('m_company')])).toBe(before);
  const planned = await listed(bridge, dry.id);
  const real = await bridge.sync(mode);
  return { planned, done: await listed(bridge, real.id), dry, real };
}

const EDITS: readonly Deed[] = [
  deeds.createUser,
  deeds.createContact,
  deeds.createBoth,
  deeds.editUser,
  deeds.editUser,
  deeds.editContact,
  deeds.editContact,
];
const STATES: readonly Deed[] = [...EDITS, deeds.toggleUser, deeds.toggleContact];
const DEEDS = {
  states: STATES,
  everything: [
    ...STATES,
    deeds.removeContact,
    deeds.restoreContact,
    deeds.editUserEmail,
    deeds.editContactEmail,
  ],
} as const;

describe('[R7] a dry run lists what the real run then writes', () => {
  it('in one run: creations on both sides, updates, a conflict, a delete and a lookup', async () => {
    const bridge = await createHarness({
      mappings: [userMapping({ relationships: [USER_COMPANY] }), companyMapping()],
    });
    const company = bridge.a.people.insert('Company', { title: 'Firm' });
    const ids = ['Ada', 'Bob', 'Cy', 'Di'].map((firstName) =>
      aUser(bridge, { firstName, companyId: company }),
    );
    await bridge.sync('full');
    const rows = await Promise.all(ids.map(async (id) => (await linkOf(bridge, id))?.crmId ?? ''));
    bridge.a.people.set('User', ids[0] ?? '', { firstName: 'Edited' });
    bridge.d.people.set('contact', rows[1] ?? '', { telephone1: '5', parentcustomerid: null });
    bridge.a.people.set('User', ids[2] ?? '', { lastName: 'Mine' });
    bridge.d.people.set('contact', rows[2] ?? '', { lastname: 'Yours' });
    bridge.d.people.remove('contact', rows[3] ?? '');
    aUser(bridge, { firstName: 'New', companyId: company });
    aContact(bridge, { firstname: 'Row' });
    const { planned, done, dry, real } = await bothRuns(bridge, 'full');
    expect(planned).toEqual(done);
    expect(dry.counts).toEqual(real.counts);
    expect(real.counts).toMatchObject({ created: 2, updated: 2, conflicts: 1, deactivated: 1 });
    for (const part of [
      'companyId: ',
      'parentcustomerid: null -> account:',
      '(conflict)',
      '(deletePolicy)',
    ]) {
      expect(planned.join('\n')).toContain(part);
    }
  });

  it.each([
    ['full', 'states'],
    ['full', 'everything'],
    ['incremental', 'states'],
    ['incremental', 'everything'],
  ] as const)('after random edits (%s, %s)', { timeout: 600_000 }, async (mode, kind) => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const random = createRandom(seed);
      const deletePolicy = random.pick(['deactivate', 'delete', 'unlink'] as const);
      const conflictPolicy = random.pick(['lastWriteWins', 'dynamicsWins', 'authScapeWins'] as const);
      const bridge = await createHarness({ connection: { deletePolicy, conflictPolicy } });
      let number = 1_000;
      const scene = { bridge, random, number: () => (number += 1) };
      const told: string[] = [];
      const act = (count: number) => {
        for (let done = 0; done < count; done += 1) told.push(random.pick(DEEDS[kind])(scene)?.text ?? '');
      };
      act(6);
      await bridge.sync('full');
      for (let round = 0; round < 3; round += 1) {
        bridge.clock.advance(5_000);
        act(1 + random.below(6));
        const { planned, done, dry, real } = await bothRuns(bridge, mode);
        expect({ planned, counts: dry.counts }, `seed ${seed}: ${told.join('; ')}`).toEqual({
          planned: done,
          counts: real.counts,
        });
        told.push(`${mode} run`);
      }
    }
  });
});
