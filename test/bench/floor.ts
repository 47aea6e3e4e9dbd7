import { say, sayTable } from '../stack/output.js';
import {
  contactOf,
  createContact,
  createUser,
  emailOf,
  readContacts,
  readTable,
  readUsers,
  sideBySide,
  writeTable,
} from './bare.js';
import {
  connectScene,
  type Measured,
  type MeasuredRun,
  measureRun,
  type Scene,
  startScene,
} from './scene.js';

/**
 * The floor under a run: the same reads and writes in a bare loop, eight at a time, against the same simulators and the
 * same emulator: pages, records and rows, but no matching rules, no plan, no lease, no log.
 */
export async function measureFloor(size = 1_000, { latencyMs }: { latencyMs: number }): Promise<void> {
  const scene = await startScene(size);
  try {
    await scene.seed();
    const connectionId = await connectScene(scene);
    await scene.setLatency(latencyMs);
    const first = await measureRun(scene, connectionId, 'full');
    const unchanged = await measureRun(scene, connectionId, 'full');
    const bareUnchanged = await scene.requestsOf(() => readAll(scene));
    await scene.setLatency(0);
    await scene.seed();
    await scene.setLatency(latencyMs);
    const bareFirst = await scene.requestsOf(() => syncOnce(scene, first));
    say(`${size} users, ${size} contacts, half matching, ${latencyMs} ms added to a request:`);
    const rows = [rowOf('first run', first, bareFirst), rowOf('full, unchanged', unchanged, bareUnchanged)];
    sayTable(
      ['run', 's', 'floor s', 'ratio', 'D requests', 'floor D', 'A requests', 'floor A'],
      rows.map((row) => Object.values(row)),
    );
    say(JSON.stringify({ benchmark: 'floor', size, latencyMs, rows }));
  } finally {
    await scene.stack.stop();
  }
}

function rowOf(run: string, ours: MeasuredRun, bare: Measured<unknown>) {
  return {
    run,
    seconds: Number(ours.seconds.toFixed(2)),
    floorSeconds: Number(bare.seconds.toFixed(2)),
    ratio: Number((ours.seconds / bare.seconds).toFixed(1)),
    dynamics: ours.dynamics.total,
    floorDynamics: bare.dynamics.total,
    authScape: ours.authScape.total,
    floorAuthScape: bare.authScape.total,
  };
}

async function readAll({ editors, stack }: Scene): Promise<void> {
  await Promise.all([readUsers(editors), readContacts(editors), readTable(stack.info, 'Links')]);
}

/** Writes as much as the product's run has written: records that lack on a side, and as many updates. */
async function syncOnce({ editors, stack }: Scene, { result: run }: MeasuredRun): Promise<void> {
  const [users, contacts] = await Promise.all([readUsers(editors), readContacts(editors)]);
  const byEmail = new Map(contacts.map((contact) => [emailOf(contact.emailaddress1), contact]));
  const logins = new Set(users.map(({ userName }) => emailOf(userName)));
  const pairs = users.flatMap((user) => {
    const contact = byEmail.get(emailOf(user.userName));
    return contact === undefined ? [] : [{ user, contact }];
  });
  const { authScape = {}, dynamics = {} } = run.bySide;
  await sideBySide(pairs.slice(0, dynamics.updated ?? 0), ({ contact, user }) =>
    editors.dynamics('PATCH', `contacts(${contact.contactid})`, contactOf(user)),
  );
  await sideBySide(pairs.slice(0, authScape.updated ?? 0), ({ contact, user }) =>
    editors.updateUser(user.id, { phoneNumber: contact.telephone1 ?? null }),
  );
  await sideBySide(
    users.filter(({ userName }) => !byEmail.has(emailOf(userName))),
    (user) => createContact(editors, user),
  );
  await sideBySide(
    contacts.filter(({ emailaddress1 }) => !logins.has(emailOf(emailaddress1))),
    (contact) => createUser(editors, contact),
  );
  await writeTable(stack.info, 'BenchLinks', (run.counts.linked ?? 0) + (run.counts.created ?? 0));
}
