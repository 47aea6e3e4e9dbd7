import { z } from 'zod';
import { type Editors, signIn } from '../journeys/support/editors.js';
import { Simulator } from '../journeys/support/simulator.js';
import { type BridgeRun, connectBridge } from '../stack/demo/bridge.js';
import { type Stack, startStack } from '../stack/launch/stack.js';
import { progress, say, sayTable } from '../stack/output.js';

const runWithinMs = 600_000;
/** The timer must not add runs of its own to what is measured. */
const quietSchedule = { SYNC_SCHEDULE: '0 0 0 1 1 *' };

const requestsSchema = z.object({
  total: z.number(),
  byRoute: z.record(z.string(), z.number()),
  byPart: z.record(z.string(), z.number()),
});
const usersSchema = z.object({
  users: z.array(z.looseObject({ id: z.number(), email: z.string() })),
});
const contactsSchema = z.object({
  contacts: z.array(z.looseObject({ contactid: z.string(), emailaddress1: z.string().nullable() })),
});
type Requests = z.infer<typeof requestsSchema>;

interface Bench {
  readonly authScape: Simulator;
  readonly dynamics: Simulator;
  readonly editors: Editors;
  readonly size: number;
}

interface Measured {
  readonly title: string;
  readonly run: BridgeRun;
  readonly dataverse: Requests;
  readonly authScape: Requests;
}

/** What one record costs in requests, by what happened to it: a full sync after as many of each kind. */
export async function measureKinds(size = 100): Promise<void> {
  const stack = await startStack({ env: quietSchedule });
  try {
    const bench: Bench = {
      authScape: Simulator.at(stack.info.authScape),
      dynamics: Simulator.at(stack.info.dataverse),
      editors: await signIn(stack),
      size,
    };
    const bridge = connectBridge(stack.info, runWithinMs);
    const connectionId = await bridge.createConnection('Benchmark');
    await bridge.configure('Benchmark', connectionId, [['User', 'contact']]);
    await withoutGuard(stack, connectionId);
    await insertUsers(bench, 'first');
    const sync = async () => {
      const runs = await bridge.sync(connectionId, (run) => progress(`  ${run.status} ${run.phase ?? ''}`));
      return runs.at(-1) ?? runs[0];
    };
    await sync();
    const all: Measured[] = [];
    for (const [title, prepare] of EVENTS) {
      await prepare(bench);
      await Promise.all([bench.dynamics.clearRequests(), bench.authScape.clearRequests()]);
      const run = await sync();
      const [dataverse, authScape] = await Promise.all([
        bench.dynamics.requests(),
        bench.authScape.requests(),
      ]);
      all.push({ title, run, dataverse, authScape });
    }
    show(all, size);
  } finally {
    await stack.stop();
  }
}

/** One after the other on the same connection; "unchanged" is what a run costs that finds nothing. */
const EVENTS: readonly (readonly [title: string, prepare: (bench: Bench) => Promise<void>])[] = [
  ['unchanged', async () => undefined],
  [
    'updated in AuthScape',
    async (bench) => {
      for (const { id } of await people(bench)) await bench.editors.updateUser(id, { lastName: `A${id}` });
    },
  ],
  [
    'updated in Dynamics',
    async (bench) => {
      for (const { contactid } of await rows(bench)) {
        await bench.editors.dynamics('PATCH', `contacts(${contactid})`, { telephone1: '+47 22' });
      }
    },
  ],
  ['created in AuthScape', (bench) => insertUsers(bench, 'second')],
  [
    'created in Dynamics',
    async ({ editors, size }) => {
      for (let at = 0; at < size; at += 1) {
        const row = { firstname: `D${at}`, lastname: 'Row', emailaddress1: `third${at}@example.com` };
        await editors.dynamics('POST', 'contacts', row);
      }
    },
  ],
  [
    'deleted in Dynamics',
    async (bench) => {
      for (const { contactid } of await rows(bench)) {
        await bench.editors.dynamics('DELETE', `contacts(${contactid})`);
      }
    },
  ],
];

/** Deleting all of a group is what the guard is there to stop. */
async function withoutGuard({ info }: Stack, connectionId: string): Promise<void> {
  const reply = await fetch(`${info.functions}/api/connections/${connectionId}`, {
    method: 'PATCH',
    headers: { 'x-functions-key': info.functionsKey, 'content-type': 'application/json' },
    body: JSON.stringify({ massDeleteGuard: null }),
  });
  if (!reply.ok) throw new Error(`The guard stays: ${await reply.text()}`);
}

async function insertUsers({ authScape, size }: Bench, group: string): Promise<void> {
  const users = Array.from({ length: size }, (_, at) => ({
    firstName: `U${at}`,
    lastName: group,
    email: `${group}${at}@example.com`,
  }));
  await authScape.post('insert', { users });
}

/** The group that was there first, in AuthScape and in Dynamics. */
async function people({ authScape }: Bench) {
  const { users } = await authScape.dump(usersSchema);
  return users.filter(({ email }) => email.startsWith('first'));
}

async function rows({ dynamics }: Bench) {
  const { contacts } = await dynamics.dump(contactsSchema);
  return contacts.filter(({ emailaddress1 }) => emailaddress1?.startsWith('first') === true);
}

function show(all: readonly Measured[], size: number): void {
  const [idle] = all;
  const perRecord = (count: number, base: number) => (Math.max(0, count - base) / size).toFixed(2);
  say(`A full sync after ${size} of each; per record: requests beyond those of a run that finds nothing.`);
  sayTable(
    ['happened', 'Dataverse', 'AuthScape', 'in batches', 'per record D', 'per record A', 'status', 'counts'],
    all.map(({ title, run, dataverse, authScape }) => [
      title,
      dataverse.total,
      authScape.total,
      Object.values(dataverse.byPart).reduce((sum, count) => sum + count, 0),
      perRecord(dataverse.total, idle?.dataverse.total ?? 0),
      perRecord(authScape.total, idle?.authScape.total ?? 0),
      run.status,
      Object.entries(run.counts)
        .filter(([name, count]) => count > 0 && name !== 'read')
        .map(([name, count]) => `${name} ${count}`)
        .join(', '),
    ]),
  );
  for (const { title, dataverse, authScape } of all) {
    say(`Requests of "${title}":`);
    sayTable(
      ['route', 'requests'],
      [dataverse, authScape].flatMap(({ byRoute }) => Object.entries(byRoute)),
    );
  }
}
