import { startHarness } from '../stack/authscape/harness.js';
import { SimClient } from '../stack/dataverse/sim-client.js';
import { say, sayTable } from '../stack/output.js';
import { medianOf, timed } from './measure.js';

const CONTACTS = 100_000;
const USERS = 30_000;
/** Of one request: a longer one would not be answered in time. */
const SEEDED_AT_ONCE = 100_000;
const columns = '$select=firstname,lastname,emailaddress1,telephone1,statecode,modifiedon';

/** The simulators must be fast enough that a figure measured with them speaks of the product. */
export async function measureSims(size?: number): Promise<void> {
  const rows = [...(await dataverseRows(size ?? CONTACTS)), ...(await authScapeRows(size ?? USERS))];
  say('Simulators, over HTTP:');
  sayTable(
    ['measured', 'ms', 'wanted'],
    rows.map(([what, ms, wanted]) => [what, ms.toFixed(1), wanted]),
  );
}

type Line = readonly [what: string, ms: number, wanted: string];

async function dataverseRows(contacts: number): Promise<Line[]> {
  const client = await SimClient.start();
  const page = (query: string) => client.get(`contacts?${columns}${query}`, 'odata.maxpagesize=5000');
  try {
    const seeding = await timed(() =>
      inPortions(contacts, (count) => client.control('POST', 'seed', { contacts: count, seed: 1 })),
    );
    const first = await timed(() => page(''));
    const next = String(first.result.json['@odata.nextLink']);
    const ordered = await timed(() => page('&$orderby=lastname,firstname'));
    return [
      [`Dataverse: seed ${contacts} contacts`, seeding.ms, `<= ${contacts / 20}`],
      ['Dataverse: first page of 5,000 after it', first.ms, '< 200'],
      ['Dataverse: next page', await medianOf(5, () => client.get(next, 'odata.maxpagesize=5000')), '< 200'],
      ['Dataverse: first page in the order of two columns', ordered.ms, '< 200'],
      ['Dataverse: filtered page', await medianOf(3, () => page('&$filter=statecode eq 0')), ''],
    ];
  } finally {
    await client.sim.close();
  }
}

async function authScapeRows(users: number): Promise<Line[]> {
  const harness = await startHarness();
  try {
    const seed = { companies: 0, locations: 0, seed: 1, overlap: 0.5 };
    const seeding = await timed(() =>
      inPortions(users, (count) => harness.sim('POST', 'seed', { ...seed, users: count })),
    );
    const ask = (body: object) => async () => {
      const answer = await harness.api('POST', 'GetUsers', body);
      if (answer.status !== 200) {
        throw new Error(`GetUsers answered ${answer.status}: ${answer.text}`);
      }
    };
    return [
      [`AuthScape: seed ${users} users`, seeding.ms, ''],
      [
        'AuthScape: search',
        await medianOf(15, ask({ offset: 1, length: 10, searchByName: 'anna', isActive: true })),
        '<= 3',
      ],
      [
        'AuthScape: search for a full name',
        await medianOf(15, ask({ offset: 0, length: 2_000, searchByName: 'petra smith', isActive: true })),
        '<= 20',
      ],
      [
        'AuthScape: page of 500',
        await medianOf(15, ask({ offset: 20, length: 500, isActive: true })),
        '<= 20',
      ],
    ];
  } finally {
    await harness.close();
  }
}

async function inPortions(all: number, seed: (count: number) => Promise<unknown>): Promise<void> {
  for (let left = all; left > 0; left -= SEEDED_AT_ONCE) await seed(Math.min(left, SEEDED_AT_ONCE));
}
