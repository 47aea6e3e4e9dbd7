import { z } from 'zod';
import { createHttpClient } from '../../src/adapters/http/client.js';
import { isLogin } from '../../src/domain/text-form.js';
import { mapConcurrent } from '../../src/lib/map-concurrent.js';
import { say, sayTable } from '../stack/output.js';
import { type BareContact, type BareUser, contactOf, contactSchema, emailOf, userSchema } from './bare.js';
import { askAuthScape, type BareSides, contactPages, countRows, userPages } from './bare-reads.js';
import { type BareRows, openRows, storageWork } from './bare-rows.js';
import { changeUser, findContacts, isCompleted, makeUser, writeContacts } from './bare-writes.js';
import {
  connectScene,
  type Measured,
  type MeasuredRun,
  measureRun,
  type Scene,
  startScene,
} from './scene.js';

/** Of the users are among the contacts. */
const HALF = 0.5;
/** Users that are worked on side by side: of 16 and 48 the quicker one. */
const USERS_AT_A_TIME = 16;
const MAX_SOCKETS = 52;

interface Floor {
  readonly scene: Scene;
  readonly connectionId: string;
  readonly sides: BareSides;
  readonly rows: BareRows;
}

/**
 * The floor under a run: the same reads and writes in a bare loop, over the product's HTTP client and its adapter of Table
 * Storage, against the same simulators and tables, but no matching rules, no plan, no lease, no repeats. It runs in this
 * process, as the product does in one of its own, and in the same order, so that neither begins warmer than the other. The
 * tables are always those of `table-server/`, since Azurite does not tell what a run asked of each.
 */
export async function measureFloor(size = 1_000, { latencyMs }: { latencyMs: number }): Promise<void> {
  const scene = await startScene(size, HALF, 'own');
  const { editors, stack } = scene;
  const client = createHttpClient({ maxSockets: MAX_SOCKETS });
  try {
    await scene.seed();
    const connectionId = await connectScene(scene);
    await scene.setLatency(latencyMs);
    const first = await measureRun(scene, connectionId, 'full');
    const unchanged = await measureRun(scene, connectionId, 'full');
    await scene.setLatency(0);
    await scene.seed();
    const sides = { client, editors, info: stack.info };
    const floor = { scene, connectionId, sides, rows: await openRows(stack.info) };
    // The first request loads the client; the product has sent some before its first run.
    await askAuthScape(sides, 'GET', '');
    await scene.setLatency(latencyMs);
    const bareFirst = await measureBare(floor, () => syncOnce(floor, first));
    const bareUnchanged = await measureBare(floor, () => readAll(floor, unchanged));
    say(
      `${size} users, ${size} contacts, half matching, ${latencyMs} ms added to a request, tables of the benchmark, Node ${process.version}:`,
    );
    show(size, latencyMs, [
      rowOf('first run', first, bareFirst),
      rowOf('full, unchanged', unchanged, bareUnchanged),
    ]);
  } finally {
    client.close();
    await stack.stop();
  }
}

/** What this process spent: seconds of the processor, and requests of storage. */
interface Spent {
  readonly cpu: number;
  readonly storage: number;
}

async function measureBare({ rows, scene }: Floor, work: () => Promise<void>): Promise<Measured<Spent>> {
  return scene.requestsOf(async () => {
    const before = process.cpuUsage();
    const storage = await rows.requestsOf(work);
    const { system, user } = process.cpuUsage(before);
    return { storage, cpu: (system + user) / 1_000_000 };
  });
}

function rowOf(run: string, ours: MeasuredRun, bare: Measured<Spent>) {
  return {
    run,
    seconds: round(ours.seconds),
    floorSeconds: round(bare.seconds),
    ratio: round(ours.seconds / bare.seconds),
    cpuSeconds: round(ours.cpu),
    floorCpuSeconds: round(bare.result.cpu),
    cpuRatio: round(ours.cpu / bare.result.cpu),
    dynamics: ours.dynamics.total,
    floorDynamics: bare.dynamics.total,
    authScape: ours.authScape.total,
    floorAuthScape: bare.authScape.total,
    storage: ours.result.requests?.storage ?? Number.NaN,
    floorStorage: bare.result.storage,
    peakMegabytes: Math.round(ours.peak),
  };
}

function show(size: number, latencyMs: number, rows: readonly ReturnType<typeof rowOf>[]): void {
  const head = ['run', 's', 'floor s', 'ratio', 'CPU s', 'floor CPU s', 'ratio', 'D requests', 'floor D'];
  sayTable(
    [...head, 'A requests', 'floor A', 'storage', 'floor storage', 'peak MB'],
    rows.map((row) => Object.values(row)),
  );
  say(JSON.stringify({ benchmark: 'floor', size, latencyMs, rows }));
}

const round = (value: number) => Number(value.toFixed(2));

/** The pages of both sides and the links, beside as many other requests of storage as the run sent. */
async function readAll({ connectionId, rows, sides }: Floor, run: MeasuredRun): Promise<void> {
  const { reads, writes } = storageWork(run);
  const store = async () => {
    const [pages] = await Promise.all([rows.readLinks(connectionId), rows.work({ writes, reads: 0 })]);
    await rows.work({ writes: [], reads: Math.max(0, reads - pages) });
  };
  await Promise.all([countRows(contactPages(sides)), countRows(userPages(sides)), store()]);
}

/** Writes as much as the product's run has written: records that lack on a side, as many updates, and as many rows. */
async function syncOnce({ rows, sides }: Floor, run: MeasuredRun): Promise<void> {
  await Promise.all([rows.work(storageWork(run)), syncSides(sides, run)]);
}

async function syncSides(sides: BareSides, run: MeasuredRun): Promise<void> {
  const [users, { contacts, pages }] = await Promise.all([readUsers(sides), readContacts(sides)]);
  const { authScape = {}, dynamics = {} } = run.result.bySide;
  const byEmail = new Map(contacts.map((contact) => [emailOf(contact.emailaddress1), contact]));
  const pairs = users.flatMap((user) => {
    const contact = byEmail.get(emailOf(user.userName));
    return contact === undefined ? [] : [{ user, contact }];
  });
  const lonely = users.filter(({ userName }) => !byEmail.has(emailOf(userName)));
  const made = lonely.slice(0, dynamics.created ?? 0);
  const contactWrites = [
    ...made.map((user) => ({ contactid: undefined, body: contactOf(user) })),
    ...pairs.slice(0, dynamics.updated ?? 0).map(({ contact, user }) => ({
      contactid: contact.contactid,
      body: contactOf(user),
    })),
  ];
  const logins = newLogins(users, contacts).slice(0, authScape.created ?? 0);
  const changed = (authScape.updated ?? 0) - logins.filter(isCompleted).length;
  const userWrites = [
    ...logins.map((contact) => () => makeUser(sides, contact)),
    ...pairs.slice(0, Math.max(0, changed)).map(({ contact, user }) => () => {
      return changeUser(sides, user.id, { phoneNumber: contact.telephone1 ?? null });
    }),
  ];
  const searches = (run.dynamics.byRoute['GET contacts'] ?? 0) - pages;
  const writeAllContacts = async () => {
    await findContacts(
      sides,
      made.map(({ userName }) => emailOf(userName)),
      Math.max(0, searches),
    );
    await writeContacts(sides, contactWrites);
  };
  await Promise.all([writeAllContacts(), mapConcurrent(userWrites, USERS_AT_A_TIME, (write) => write())]);
}

/** Contacts that no user has the e-mail of, each e-mail once, as far as AuthScape takes it as a login. */
function newLogins(users: readonly BareUser[], contacts: readonly BareContact[]): readonly BareContact[] {
  const known = new Set(users.map(({ userName }) => emailOf(userName)));
  return contacts.filter(({ emailaddress1 }) => {
    const email = emailOf(emailaddress1);
    if (known.has(email) || !isLogin(emailaddress1 ?? '')) return false;
    known.add(email);
    return true;
  });
}

async function readUsers(sides: BareSides): Promise<readonly BareUser[]> {
  const users: BareUser[] = [];
  for await (const page of userPages(sides)) users.push(...z.array(userSchema).parse(page));
  return users;
}

async function readContacts(sides: BareSides) {
  const contacts: BareContact[] = [];
  let pages = 0;
  for await (const page of contactPages(sides)) {
    contacts.push(...z.array(contactSchema).parse(page));
    pages += 1;
  }
  return { contacts, pages };
}
