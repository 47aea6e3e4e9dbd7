import { z } from 'zod';
import { say, sayTable } from '../stack/output.js';
import {
  type BareContact,
  type BareUser,
  contactOf,
  createContact,
  createUser,
  readContacts,
  readUsers,
} from './bare.js';
import { connectScene, type Measured, measureRun, type Scene, startScene } from './scene.js';

const found = z.object({ value: z.array(z.looseObject({ contactid: z.string() })) });
const foundUsers = z.object({ recordsTotal: z.number() });

/**
 * The product beside the way of AuthScape's own CRM module: record after record, each looked up on the other side and
 * written there whether or not it changed, one request at a time.
 */
export async function measurePerRecord(size = 1_000, { latencyMs }: { latencyMs: number }): Promise<void> {
  const scene = await startScene(size);
  try {
    await scene.seed();
    const connectionId = await connectScene(scene);
    await scene.setLatency(latencyMs);
    const ours = [
      await measureRun(scene, connectionId, 'full'),
      await measureRun(scene, connectionId, 'full'),
    ];
    await scene.setLatency(0);
    await scene.seed();
    await scene.setLatency(latencyMs);
    const theirs = [
      await scene.requestsOf(() => recordByRecord(scene)),
      await scene.requestsOf(() => recordByRecord(scene)),
    ];
    say(`${size} users, ${size} contacts, half matching, ${latencyMs} ms added to a request:`);
    const rows = ['first run', 'full, unchanged'].flatMap((title, index) => {
      const [one, other] = [ours[index], theirs[index]];
      return one === undefined || other === undefined ? [] : [rowOf(title, one, other)];
    });
    sayTable(
      ['run', 's', 'requests', 'record by record s', 'requests', 'times faster'],
      rows.map((row) => Object.values(row)),
    );
    say(JSON.stringify({ benchmark: 'per-record', size, latencyMs, rows }));
  } finally {
    await scene.stack.stop();
  }
}

function rowOf(run: string, ours: Measured<unknown>, theirs: Measured<unknown>) {
  return {
    run,
    seconds: Number(ours.seconds.toFixed(1)),
    requests: ours.dynamics.total + ours.authScape.total,
    recordByRecordSeconds: Number(theirs.seconds.toFixed(1)),
    recordByRecordRequests: theirs.dynamics.total + theirs.authScape.total,
    timesFaster: Number((theirs.seconds / ours.seconds).toFixed(1)),
  };
}

async function recordByRecord(scene: Scene): Promise<void> {
  const { editors } = scene;
  for (const user of await readUsers(editors)) await sendUser(scene, user);
  for (const contact of await readContacts(editors)) await fetchContact(scene, contact);
}

/** The contact with the user's e-mail is overwritten, or made. */
async function sendUser({ editors }: Scene, user: BareUser): Promise<void> {
  const email = encodeURIComponent((user.userName ?? '').replaceAll("'", "''"));
  const query = `contacts?$select=contactid&$filter=emailaddress1 eq '${email}'`;
  const [contact] = found.parse(await editors.dynamics('GET', query)).value;
  if (contact === undefined) await createContact(editors, user);
  else await editors.dynamics('PATCH', `contacts(${contact.contactid})`, contactOf(user));
}

/** A user is made for the contact if none has its e-mail. */
async function fetchContact({ editors }: Scene, contact: BareContact): Promise<void> {
  if (!contact.emailaddress1) return;
  const asked = { offset: 0, length: 1, searchByName: contact.emailaddress1 };
  for (const isActive of [true, false]) {
    const { recordsTotal } = foundUsers.parse(
      await editors.authScape('POST', 'GetUsers', { ...asked, isActive }),
    );
    if (recordsTotal > 0) return;
  }
  await createUser(editors, contact);
}
