import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as people from '../application/support/deeds.js';
import * as guarded from '../application/support/guard-deeds.js';
import { createHarness } from '../application/support/harness.js';
import * as remapping from '../application/support/mapping-deeds.js';
import * as structure from '../application/support/structure-deeds.js';
import { KINDS, type Kind, variantOf, WIDE_KINDS, type WideKind } from '../application/support/variants.js';
import { createRandom } from '../model/random.js';
import { type Journey, startJourney, startWithinMs } from './support/journey.js';
import { createMirror } from './support/mirror.js';
import { makeNoise } from './support/noise.js';
import { verdictOn } from './support/rest.js';
import { connectionBody, createMappings } from './support/setting.js';

/**
 * The histories of the engine on the whole stack, over HTTP: editors on both sides, runs, calls for one record, events
 * twice and in any order, throttling, outages, cut connections and killed workers. When the noise stops: both sides agree, one
 * partner per record, nothing lost without a trace, and a further sync writes nothing. A seed that fails is played alone
 * with CONVERGENCE_STACK_SEED=<seed> CONVERGENCE_STACK_HISTORIES=1 (timing is real, so it may pass then).
 */
const HISTORIES = Number(process.env.CONVERGENCE_STACK_HISTORIES ?? 2);
const FIRST_SEED = Number(process.env.CONVERGENCE_STACK_SEED ?? 1);
/** A history waits for back-off, leases and new workers most of its time: stacks side by side use that. */
const STACKS = Number(process.env.CONVERGENCE_STACKS ?? 2);
const WITHIN_MS = 60_000 + HISTORIES * 45_000;
const webhookSecret = 'convergence-secret';

/** AuthScape has no way to bring a user back; delta links expire as part of the noise; the service has other doors here. */
const IMPOSSIBLE: readonly unknown[] = [
  people.restoreUser,
  people.expireLinks,
  structure.unlinkOne,
  structure.switchMapping,
  structure.remakeMapping,
  structure.cancelSomeRun,
  remapping.changeFilter,
  remapping.changeFields,
  remapping.changeMatchBy,
  remapping.levelContact,
  guarded.decideSomeRun,
];
/** Kinds in which people change what is linked with what. */
const STRUCTURAL: readonly string[] = ['structure', 'remade', 'remapped', 'accounts', 'guarded'];
const ALL: readonly (Kind | WideKind)[] = [
  ...(Object.keys(KINDS) as Kind[]),
  ...(Object.keys(WIDE_KINDS) as WideKind[]),
];
/** The kinds to be played, by name; all of them in turn if nothing else is said. */
const kinds = (process.env.CONVERGENCE_STACK_KINDS?.split(',') as typeof ALL | undefined) ?? ALL;

const impatient = {
  SYNC_SCHEDULE: '* * * * * *',
  RUN_LEASE_SECONDS: '3',
  STACK_QUEUE_INVISIBLE_S: '2',
  AUTHSCAPE_WRITE_TIMEOUT_SECONDS: '2',
  DATA_TIMEOUT_SECONDS: '4',
};

async function play(journey: Journey, kind: Kind | WideKind, seed: number): Promise<string[]> {
  const { api, dynamics, authScape } = journey;
  await Promise.all([dynamics.post('reset'), authScape.post('reset')]);
  const variant = variantOf(kind, seed);
  // Whether the servers give values a form of their own is for the variant to say.
  const shape = await createHarness();
  variant.prepare?.(shape, createRandom(seed));
  for (const column of shape.d.forms.keys()) {
    await dynamics.post('plugin', { table: 'contact', column, to: 'uppercase' });
  }
  await authScape.post('insert', {
    companies: [...shape.a.records.Company.values()].map(({ values: { title } }) => ({ title })),
    locations: [...shape.a.records.Location.values()].map(({ values: { title } }) => ({ title })),
  });
  const connectionId = await api.createConnection(connectionBody(variant.harness));
  await api.patchConnection(connectionId, { webhookSecret });
  const kin = await createMappings(api, connectionId, variant.harness?.mappings);
  const mirror = await createMirror(journey, seed);
  const deeds = variant.deeds.filter((deed) => !IMPOSSIBLE.includes(deed));
  for (const column of shape.d.forms.keys()) {
    mirror.copy.d.forms.set(column, (value) => (value === null ? null : String(value).toUpperCase()));
  }
  const before = [];
  for (let count = 0; count < 8; count += 1) {
    const act = await mirror.act(deeds);
    if (act !== undefined) before.push(act);
  }
  await api.sync(connectionId, { mode: 'full' });
  const stage = {
    journey,
    mirror,
    connectionId,
    webhookSecret,
    kin,
    deeds,
    mayKill: variant.liveliness.crashes > 0,
    hasDoors: STRUCTURAL.includes(kind),
  };
  const told = await makeNoise(stage, 30);
  const ending = { journey, mirror, connectionId, kin, told: { ...told, acts: [...before, ...told.acts] } };
  const faults = await verdictOn(ending);
  await api.ask('DELETE', `connections/${connectionId}`);
  if (faults.length === 0) return [];
  return [
    ...faults,
    ...before.map(({ text }) => `  before: ${text}`),
    ...told.lines.map((line) => `  ${line}`),
  ];
}

describe('random histories converge on the whole stack', () => {
  const journeys: Journey[] = [];
  beforeAll(async () => {
    journeys.push(...(await Promise.all(Array.from({ length: STACKS }, () => startJourney(impatient)))));
  }, startWithinMs);
  afterAll(() => Promise.all(journeys.map((journey) => journey.stop())));

  it(
    `seeds ${FIRST_SEED} to ${FIRST_SEED + HISTORIES - 1}`,
    async () => {
      const faults: string[] = [];
      const seeds = Array.from({ length: HISTORIES }, (_, index) => FIRST_SEED + index);
      await Promise.all(
        journeys.map(async (journey) => {
          for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
            const kind = kinds[seed % kinds.length] ?? 'everything';
            const found = await play(journey, kind, seed);
            if (found.length > 0) faults.push(`${kind}, seed ${seed}`, ...found);
          }
        }),
      );
      expect(faults).toEqual([]);
    },
    WITHIN_MS,
  );
});
