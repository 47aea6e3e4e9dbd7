import { createAuthScape } from '../../src/adapters/authscape/authscape.js';
import { createDynamicsFactory } from '../../src/adapters/dataverse/factory.js';
import type { TokenSource } from '../../src/adapters/http/credentials.js';
import { DEFAULT_RETRY } from '../../src/adapters/http/retry.js';
import { createMeter } from '../../src/adapters/meter.js';
import { createAzureTables } from '../../src/adapters/storage/azure-tables.js';
import { claimToRow, linkToRow } from '../../src/adapters/storage/link-rows.js';
import { createStorage } from '../../src/adapters/storage/storage.js';
import type { Row, Table } from '../../src/adapters/storage/table.js';
import { systemClock, systemIds } from '../../src/adapters/system.js';
import type { Systems } from '../../src/application/ports/systems.js';
import { openContext } from '../../src/application/sync/context/open-context.js';
import {
  forMapping,
  fullHash,
  listHash,
  type MappingContext,
} from '../../src/application/sync/context/sync-context.js';
import { newLink } from '../../src/application/sync/links/insert-link.js';
import { valueInA } from '../../src/domain/fields.js';
import type { BaseEntry, Link } from '../../src/domain/link.js';
import type { AuthScapeRecord, DynamicsRow } from '../../src/domain/records.js';
import { baseForm, type FieldValue } from '../../src/domain/values.js';
import { mapConcurrent } from '../../src/lib/map-concurrent.js';
import { connectionString } from '../journeys/support/storage-scan.js';
import type { Stack } from '../stack/launch/stack.js';
import { progress } from '../stack/output.js';
import { emailOf } from './bare.js';

const ROWS_PER_TRANSACTION = 100;
const TRANSACTIONS_AT_A_TIME = 4;
const clock = systemClock;

/** Ids of a pair that was linked. */
export interface SeededPair {
  readonly userId: number;
  readonly crmId: string;
}

/**
 * Links each user with a contact as a first run leaves them, in minutes instead of hours: the rows are the product's own,
 * written in whole transactions. Those with the same e-mail belong together; what is left over is paired as it comes, each
 * side at its own base. The connection counts as one whose first full run has ended well.
 */
export async function seedLinks(
  stack: Stack,
  connectionId: string,
  dynamicsToken: string,
): Promise<readonly SeededPair[]> {
  const meter = createMeter();
  const account = { connectionString: connectionString(stack.info), meter };
  const storage = createStorage({ ...account, clock });
  const { systems, close } = openSides(stack, dynamicsToken, meter);
  try {
    const open = { runId: null, trigger: 'run', dryRun: false, fullRun: true } as const;
    // Of what the engine is made of opening needs the stores and both sides only.
    const deps = { ...storage, systems, clock, ids: systemIds, options: { writeTimeoutMs: 1 } };
    const opened = await openContext(
      deps as unknown as Parameters<typeof openContext>[0],
      connectionId,
      open,
    );
    const [resolved] = opened.mappings;
    if (resolved === undefined) throw new Error('The connection has no mapping.');
    const context = forMapping(opened, resolved);
    const startedAt = clock.now();
    const { deltaLink, rows } = await readRows(context);
    const pairs = await writeLinks(context, rows, createAzureTables(account));
    const at = new Date(startedAt).toISOString();
    await storage.feeds.put(connectionId, resolved.mapping.id, {
      ...{ deltaLink, columns: resolved.columns, readFrom: startedAt, scannedFrom: startedAt, unlisted: [] },
    });
    await storage.connections.updateState(connectionId, (state) => ({
      ...{ ...state, firstFullSyncAt: at, lastFullStartedAt: at, lastSyncAt: at, lastSuccessAt: at },
    }));
    return pairs;
  } finally {
    close();
  }
}

function openSides(
  { info }: Stack,
  dynamicsToken: string,
  meter: ReturnType<typeof createMeter>,
): { systems: Systems; close: () => void } {
  const { clientId, clientSecret, scope } = info.authScapeCredentials;
  const authScape = createAuthScape({
    ...{ apiUrl: info.authScape, idpUrl: info.authScape, meter, clock, retry: DEFAULT_RETRY },
    auth: { kind: 'client', clientId, clientSecret: async () => clientSecret, scope },
  });
  const tokens: TokenSource = { token: async () => dynamicsToken, drop: () => undefined };
  const dynamics = createDynamicsFactory({
    ...{ hostMap: { [info.environment]: info.dataverse }, tokens, meter, clock },
    resolveCredentials: async () => ({ ...info.credentials, version: '1' }),
  });
  return {
    systems: { dynamics: dynamics.open, authScape: async () => authScape.system },
    close: () => {
      authScape.close();
      dynamics.close();
    },
  };
}

async function readRows({ dynamics, resolved }: MappingContext) {
  const rows = new Map<string, DynamicsRow>();
  const { mapping, columns } = resolved;
  let page = await dynamics.changes(mapping.crmEntity, columns, { kind: 'start', tracked: true });
  for (;;) {
    for (const row of page.rows) rows.set(row.id, row);
    if (page.next === null) return { rows, deltaLink: page.deltaLink };
    page = await dynamics.changes(mapping.crmEntity, columns, { kind: 'page', link: page.next });
  }
}

type Pair = readonly [AuthScapeRecord, DynamicsRow];

/** Takes the rows of which it makes links out of `rows`. */
async function writeLinks(
  context: MappingContext,
  rows: Map<string, DynamicsRow>,
  tables: ReturnType<typeof createAzureTables>,
): Promise<SeededPair[]> {
  const byEmail = new Map([...rows.values()].map((row) => [emailIn(row.values.emailaddress1), row]));
  const alone: AuthScapeRecord[] = [];
  const seeded: SeededPair[] = [];
  const store = async (pairs: readonly Pair[]) => {
    await putPairs(context, pairs, tables);
    seeded.push(...pairs.map(([a, d]) => ({ userId: Number(a.id), crmId: d.id })));
    progress(`  ${seeded.length} links`);
  };
  for await (const page of usersOf(context)) {
    const pairs: Pair[] = [];
    for (const user of page) {
      const row = byEmail.get(emailIn(user.values.email));
      if (row === undefined || !rows.delete(row.id)) alone.push(user);
      else pairs.push([user, row]);
    }
    await store(pairs);
  }
  const left = [...rows.values()];
  await store(alone.flatMap((user, at): Pair[] => (left[at] === undefined ? [] : [[user, left[at]]])));
  return seeded;
}

const emailIn = (value: FieldValue | undefined) => emailOf(typeof value === 'string' ? value : null);

/** Each once: a list without a unique order brings some twice. */
async function* usersOf({ authScape, ownUserId, resolved }: MappingContext) {
  const known = new Set(ownUserId === null ? [] : [ownUserId]);
  let next: string | null = null;
  do {
    const asked = { keys: resolved.keys, detail: false, unlisted: [] };
    const page: Awaited<ReturnType<typeof authScape.scan>> = await authScape.scan('User', asked, next);
    yield page.records.filter(({ id }) => !known.has(id) && known.add(id));
    next = page.next;
  } while (next !== null);
}

async function putPairs(
  context: MappingContext,
  pairs: readonly Pair[],
  tables: ReturnType<typeof createAzureTables>,
): Promise<void> {
  const links = pairs.map((pair) => linkOf(context, pair));
  const claims = links.map((link) => claimToRow(link.connectionId, { ...link, createdAt: link.changedAt }));
  await putAll(tables.table('LinkClaims'), claims);
  await putAll(tables.table('Links'), links.map(linkToRow));
}

async function putAll(table: Table, rows: readonly Row[]): Promise<void> {
  const starts = Array.from({ length: Math.ceil(rows.length / ROWS_PER_TRANSACTION) }, (_, at) => at);
  await mapConcurrent(starts, TRANSACTIONS_AT_A_TIME, async (at) => {
    const some = rows.slice(at * ROWS_PER_TRANSACTION, (at + 1) * ROWS_PER_TRANSACTION);
    await table.transact(some.map((row) => ({ kind: 'insert', row })));
  });
}

/** Clean, with each side at its own base. */
function linkOf(context: MappingContext, [a, d]: Pair): Link {
  const { resolved } = context;
  const now = clock.now();
  const base = resolved.fields.map((field): [string, BaseEntry] => [
    field.id,
    {
      a: baseForm(valueInA(field, a.values), field.aComparison),
      d: baseForm(d.values[field.column], field.dComparison),
      sig: field.signature,
    },
  ]);
  return {
    ...newLink(context, { authScapeId: a.id, crmId: d.id }, { base: Object.fromEntries(base) }),
    clean: true,
    aHash: listHash(resolved, a.values),
    fullHash: a.complete ? fullHash(resolved, a.values) : null,
    dVersion: d.etag,
    changedAt: now,
    agreedAt: now,
    lastSyncedAt: new Date(now).toISOString(),
  };
}
