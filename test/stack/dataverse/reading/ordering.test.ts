import { afterAll, beforeAll, expect, it } from 'vitest';
import { SimClient } from '../sim-client.js';
import { Collation } from './collation.js';

let client: SimClient;
let ids: unknown[];

const rowCount = 9000;

beforeAll(async () => {
  client = await SimClient.start();
  await client.control('POST', 'seed', { contacts: rowCount, seed: 5 });
  const all = await client.readAll('contacts?$select=contactid');
  ids = all.json.value.map((row) => row.contactid);
});

afterAll(() => client.sim.close());

it('puts all rows of a large table in order over its pages, each row once', async () => {
  const path = 'contacts?$select=firstname,lastname&$orderby=lastname%20desc,firstname';
  const { json, pages } = await client.readAll(path, 'odata.maxpagesize=1000');

  expect(pages).toBe(9);
  expect(new Set(json.value.map((row) => row.contactid)).size).toBe(rowCount);
  const wanted = json.value.toSorted(
    (a, b) =>
      compare(b.lastname, a.lastname) ||
      compare(a.firstname, b.firstname) ||
      compare(a.contactid, b.contactid),
  );
  expect(json.value).toEqual(wanted);
});

it('goes on at the right place after a write between two pages', async () => {
  const path = 'contacts?$select=contactid&$orderby=contactid';
  const first = await client.get(path, 'odata.maxpagesize=4000');
  await client.ask('PATCH', `contacts(${ids[0]})`, { body: { jobtitle: 'Changed' } });
  const rest = await client.readAll(String(first.json['@odata.nextLink']), 'odata.maxpagesize=4000');

  expect([...first.json.value, ...rest.json.value].map((row) => row.contactid)).toEqual(ids);
});

/** Nothing before something, letters without regard to their case and accents. */
function compare(a: unknown, b: unknown): number {
  const [left, right] = [a, b].map((value) => new Collation().key(String(value ?? ''))) as [string, string];
  return left === right ? 0 : left < right ? -1 : 1;
}
