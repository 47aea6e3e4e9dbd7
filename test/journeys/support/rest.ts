import { z } from 'zod';
import {
  agreementFaults,
  type Family,
  LEFT_OUT,
  type Pair,
  unpartnered,
} from '../../application/support/agreement.js';
import type { World } from '../../application/support/identity.js';
import type { Kin } from '../../application/support/kin.js';
import { hasSharedKey } from '../../application/support/verdict.js';
import { numberOf } from '../../model/oracle.js';
import type { Journey } from './journey.js';
import type { Mirror, PersonsAct } from './mirror.js';
import type { Told } from './noise.js';
import { writesIn } from './simulator.js';
import { until } from './wait.js';
import { whoIsWho } from './who-is-who.js';

const entrySchema = z.looseObject({
  entity: z.string(),
  status: z.string(),
  authScapeId: z.string().nullish(),
  crmId: z.string().nullish(),
  fields: z.array(z.looseObject({ field: z.string(), rule: z.string() })),
  error: z.looseObject({ code: z.string(), field: z.string().optional() }).nullish(),
});
const ENDED = ['succeeded', 'partiallySucceeded'];
/** Real time is too short for what oscillates to come to rest: the field says so and stays as it is. */
const TOLD_DIFFERENT = [...LEFT_OUT, 'field_oscillates'];

export interface Ending {
  readonly journey: Journey;
  readonly mirror: Mirror;
  readonly connectionId: string;
  readonly kin: readonly Kin[];
  readonly told: Told;
}

/** Brings a noisy connection to rest and says what is wrong with what is left. */
export async function verdictOn(ending: Ending): Promise<string[]> {
  const { journey, connectionId } = ending;
  const { api } = journey;
  await until('no run is under way and no message waits', () => isQuiet(journey, connectionId), {
    withinMs: 90_000,
    everyMs: 100,
  });
  const faults: string[] = [];
  // A user counts as gone after two scans without it.
  for (let count = 0; count < 4; count += 1) {
    const run = await api.sync(connectionId, { mode: 'full' });
    if (!ENDED.includes(run.status)) faults.push(`a quiet run ended as ${run.status}: ${run.error?.code}`);
    const { created, updated, linked, deactivated, deleted, failed } = run.counts;
    if (count > 0 && created + updated + linked + deactivated + deleted + failed === 0) break;
  }
  await Promise.all([journey.dynamics.clearRequests(), journey.authScape.clearRequests()]);
  await api.sync(connectionId, { mode: 'full' });
  for (const simulator of [journey.dynamics, journey.authScape]) {
    const writes = writesIn(await simulator.requests());
    if (Object.keys(writes).length > 0) faults.push(`never settles: ${JSON.stringify(writes)}`);
  }
  return [...faults, ...(await differences(ending))];
}

async function isQuiet(journey: Journey, connectionId: string): Promise<boolean> {
  const runs = await journey.api.runs(connectionId).catch(() => undefined);
  const areEnded = runs?.every(({ status }) => !['queued', 'running'].includes(status)) ?? false;
  return areEnded && (await journey.waitingMessages()) === 0;
}

async function differences(ending: Ending): Promise<string[]> {
  const { journey, mirror, connectionId, kin } = ending;
  await mirror.load();
  const logs = await journey.api.all(entrySchema, `connections/${connectionId}/logs`);
  const families = await familiesOf(journey, connectionId, kin);
  const isLeftOut = ({ crmId }: Pair, names: readonly string[]) =>
    logs.some(
      ({ crmId: id, error }) =>
        id === crmId && TOLD_DIFFERENT.includes(error?.code ?? '') && names.includes(error?.field ?? ''),
    );
  return [
    ...agreementFaults(mirror.copy, families, isLeftOut),
    ...families.flatMap((family) => unpartnered(mirror.copy, family)),
    ...lost(ending, logs, await journey.authScape.unseen()),
    ...(families.every(hasSharedKey) ? whoIsWho(mirror, kin, ending.told.acts, linksOf(families, logs)) : []),
  ];
}

async function familiesOf(journey: Journey, connectionId: string, kin: readonly Kin[]): Promise<Family[]> {
  const states = ['linked', 'tombstone'].map((state) => journey.api.links(connectionId, `?state=${state}`));
  const links = (await Promise.all(states)).flat();
  return kin.map((each) => ({
    kin: each,
    links: links
      .filter(({ mappingId }) => mappingId === each.mapping.id)
      .map(({ crmEntity: table, ...link }) => ({ ...link, table })),
  }));
}

/** The links that are there, and those that the log tells of. */
function linksOf(families: readonly Family[], logs: readonly z.infer<typeof entrySchema>[]): World['links'] {
  const present = families.flatMap(({ kin, links }) =>
    links.filter(({ state }) => state === 'linked').map((link) => ({ ...link, entity: kin.entity })),
  );
  const told = logs.flatMap(({ entity, authScapeId, crmId, status }) =>
    status === 'success' && typeof authScapeId === 'string' && typeof crmId === 'string'
      ? [{ entity, authScapeId, crmId }]
      : [],
  );
  return [...present, ...told];
}

type PersonsChange = PersonsAct['changes'][number];

/**
 * The last value that a person gave to a field of a record that is still there is to be seen on one of the sides or
 * named in the log. What our full replace undid in AuthScape is named by its field there, since the answer does not tell
 * the value; what it replaced on purpose without having seen it cannot be known, nor what it undid where the answer got lost.
 */
function lost(
  { mirror, kin, told }: Ending,
  logs: readonly z.infer<typeof entrySchema>[],
  unseen: Awaited<ReturnType<Journey['authScape']['unseen']>>,
): string[] {
  const { a, d } = mirror.copy;
  const rowsOf = (table: string) => d.tables.get(table)?.rows ?? new Map<string, unknown>();
  const recordsOf = Object.entries(a.records);
  const shown = [...recordsOf.map(([, records]) => records), ...[...d.tables.keys()].map(rowsOf)];
  const everything = JSON.stringify([shown.map((records) => [...records.values()]), logs]);
  const undone = new Set(
    logs.flatMap(({ entity, authScapeId, fields }) =>
      fields.filter(({ rule }) => rule === 'undone').map(({ field }) => `${entity} ${authScapeId} ${field}`),
    ),
  );
  const isUnseen = ({ entity, id, field, to }: PersonsChange) =>
    unseen.some(
      (value) =>
        value.entity === entity &&
        String(value.id) === id &&
        value.member.toLowerCase() === field.toLowerCase() &&
        value.value === to,
    );
  const isThere = ({ side, entity, id }: PersonsChange) =>
    side === 'dynamics'
      ? rowsOf(entity).has(id)
      : recordsOf.some(([name, records]) => name === entity && records.has(id));
  const isMapped = ({ side, entity, field }: PersonsChange) =>
    kin.some((each) =>
      side === 'dynamics'
        ? each.table === entity && Object.values(each.texts).includes(field)
        : each.entity === entity && field in each.texts,
    );
  const last = new Map<string, PersonsChange>();
  for (const change of told.acts.flatMap(({ changes }) => changes)) {
    last.set(`${change.side} ${change.entity} ${change.id} ${change.field}`, change);
  }
  return [...last.values()]
    .filter((change) => isMapped(change) && isThere(change))
    .filter((change) => change.side === 'dynamics' || !isUnseen(change))
    .filter(
      ({ side, entity, id, field }) =>
        side === 'dynamics' || !(told.wasDeaf || undone.has(`${entity} ${id} ${field}`)),
    )
    .filter(({ to }) => numberOf(to) !== null && !new RegExp(`\\D${numberOf(to)}\\D`).test(everything))
    .map(
      ({ side, entity, id, field, to }) =>
        `the last edit ${side} ${entity} ${id} ${field} = ${to} is nowhere`,
    );
}
