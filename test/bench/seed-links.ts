import { createAuthScape } from '../../src/adapters/authscape/authscape.js';
import { createDynamicsFactory } from '../../src/adapters/dataverse/factory.js';
import type { TokenSource } from '../../src/adapters/http/credentials.js';
import { DEFAULT_RETRY } from '../../src/adapters/http/retry.js';
import { createMeter } from '../../src/adapters/meter.js';
import { createAzureTables } from '../../src/adapters/storage/azure-tables.js';
import { claimToRow, linkToRow } from '../../src/adapters/storage/link-rows.js';
import { createStorage } from '../../src/adapters/storage/storage.js';
import type { Row, TableName, Tables } from '../../src/adapters/storage/table.js';
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
import type { AuthScapeRecord } from '../../src/domain/records.js';
import { baseForm, type FieldValue } from '../../src/domain/values.js';
import { mapConcurrent } from '../../src/lib/map-concurrent.js';
import { connectionString } from '../journeys/support/storage-scan.js';
import type { Stack } from '../stack/launch/stack.js';
import { progress } from '../stack/output.js';
import { emailOf } from './bare.js';

const ROWS_PER_TRANSACTION = 100;
const TRANSACTIONS_AT_A_TIME = 8;
/** As many as can be asked for. */
const FIRST_PAIRS = 20_000;
const clock = systemClock;

/** Ids of a pair that was linked. */
export interface SeededPair {
  readonly userId: number;
  readonly crmId: string;
}

interface Seeded {
  readonly count: number;
  readonly first: readonly SeededPair[];
}

/**
 * Links each user with a contact as a first run leaves them, in minutes instead of hours: the rows are the product's own,
 * written in whole transactions. Those with the same e-mail belong together; what is left over is paired as it comes, each
 * side at its own base. The connection counts as one whose first full run has ended well.
 */
export async function seedLinks(stack: Stack, connectionId: string, dynamicsToken: string): Promise<Seeded> {
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
    const seeded = await writeLinks(context, rows, storeOf(stack, createAzureTables(account)));
    const at = new Date(startedAt).toISOString();
    await storage.feeds.put(connectionId, resolved.mapping.id, {
      ...{ deltaLink, columns: resolved.columns, readFrom: startedAt, scannedFrom: startedAt, unlisted: [] },
    });
    await storage.connections.updateState(connectionId, (state) => ({
      ...{ ...state, firstFullSyncAt: at, lastFullStartedAt: at, lastSyncAt: at, lastSuccessAt: at },
    }));
    return seeded;
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

/** A row as a link needs it; a million of the rows themselves would take gigabytes. */
interface CompactRow {
  readonly id: string;
  readonly etag: string | null;
  /** By field of the mapping, as bases hold them. */
  readonly d: readonly BaseEntry['d'][];
}

type CompactRows = Map<string, CompactRow>;

/** By e-mail; one that shares it with an earlier row, or has none, is under its id. */
async function readRows({ dynamics, resolved }: MappingContext) {
  const rows: CompactRows = new Map();
  const { columns, fields, mapping } = resolved;
  let page = await dynamics.changes(mapping.crmEntity, columns, { kind: 'start', tracked: true });
  for (;;) {
    for (const { etag, id, values } of page.rows) {
      const email = emailIn(values.emailaddress1);
      const d = fields.map((field) => baseForm(values[field.column], field.dComparison));
      rows.set(email === '' || rows.has(email) ? id : email, { id, etag, d });
    }
    if (page.next === null) return { rows, deltaLink: page.deltaLink };
    page = await dynamics.changes(mapping.crmEntity, columns, { kind: 'page', link: page.next });
  }
}

type Pair = readonly [AuthScapeRecord, CompactRow];
type Store = (table: TableName, rows: readonly Row[]) => Promise<void>;

/** Takes the rows of which it makes links out of `rows`. */
async function writeLinks(context: MappingContext, rows: CompactRows, put: Store): Promise<Seeded> {
  const alone: AuthScapeRecord[] = [];
  const first: SeededPair[] = [];
  let count = 0;
  const store = async (pairs: readonly Pair[]) => {
    const links = pairs.map((pair) => linkOf(context, pair));
    const claims = links.map((link) => claimToRow(link.connectionId, { ...link, createdAt: link.changedAt }));
    await Promise.all([put('LinkClaims', claims), put('Links', links.map(linkToRow))]);
    count += pairs.length;
    for (const [a, d] of pairs.slice(0, FIRST_PAIRS - first.length)) {
      first.push({ userId: Number(a.id), crmId: d.id });
    }
    progress(`  ${count} links`);
  };
  let writing = Promise.resolve();
  for await (const page of usersOf(context)) {
    // While the page is written the next one is read.
    await writing;
    const pairs: Pair[] = [];
    for (const user of page) {
      const email = emailIn(user.values.email);
      const row = rows.get(email);
      if (row === undefined || !rows.delete(email)) alone.push(user);
      else pairs.push([user, row]);
    }
    writing = store(pairs);
    writing.catch(() => undefined);
  }
  await writing;
  const left = [...rows.values()];
  await store(alone.flatMap((user, at): Pair[] => (left[at] === undefined ? [] : [[user, left[at]]])));
  return { count, first };
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

function storeOf({ info }: Stack, tables: Tables): Store {
  if (info.pids.tables !== undefined) return (table, rows) => putWhole(`${info.tables}/$rows/${table}`, rows);
  return async (name, rows) => {
    const starts = Array.from({ length: Math.ceil(rows.length / ROWS_PER_TRANSACTION) }, (_, at) => at);
    await mapConcurrent(starts, TRANSACTIONS_AT_A_TIME, async (at) => {
      const some = rows.slice(at * ROWS_PER_TRANSACTION, (at + 1) * ROWS_PER_TRANSACTION);
      await tables.table(name).transact(some.map((row) => ({ kind: 'insert', row })));
    });
  };
}

/** Past the SDK, which takes longer to put a transaction together than the rest of a link takes. */
async function putWhole(url: string, rows: readonly Row[]): Promise<void> {
  const reply = await fetch(url, { method: 'POST', body: JSON.stringify(rows) });
  if (!reply.ok) throw new Error(`The rows were not taken: ${await reply.text()}`);
}

/** Clean, with each side at its own base. */
function linkOf(context: MappingContext, [a, d]: Pair): Link {
  const { resolved } = context;
  const now = clock.now();
  const base = resolved.fields.map((field, at): [string, BaseEntry] => [
    field.id,
    {
      a: baseForm(valueInA(field, a.values), field.aComparison),
      d: d.d[at] ?? null,
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
