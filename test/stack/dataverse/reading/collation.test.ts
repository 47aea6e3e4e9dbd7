import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SimClient } from '../sim-client.js';

let client: SimClient;

beforeEach(async () => {
  client = await SimClient.start();
  for (const [firstname, emailaddress1] of [
    ['Zoë', 'zoë@x.example'],
    ['Zoe ', 'ZOE@x.example  '],
    [' Zoe', ' zoe@x.example'],
    ['Zoé\u0301', 'zoe@x.example'],
  ]) {
    await client.create('contacts', { firstname, emailaddress1 });
  }
});

afterEach(() => client.sim.close());

async function found(filter: string): Promise<unknown[]> {
  const answer = await client.get(`contacts?$select=emailaddress1&$filter=${filter}`);
  expect(answer.status).toBe(200);
  return answer.json.value.map((row) => row.emailaddress1).sort();
}

const inList = (column: string, ...values: string[]) =>
  `Microsoft.Dynamics.CRM.In(PropertyName='${column}',PropertyValues=${JSON.stringify(values)})`;
const alike = ['ZOE@x.example  ', 'zoe@x.example', 'zoë@x.example'];

describe('the collation of SQL Server', () => {
  it.each([
    ['eq on an indexed column', "emailaddress1 eq 'Zoe@X.example '", alike],
    ['eq on another column', "firstname eq 'zoe'", alike],
    ['In', inList('emailaddress1', 'ZOË@x.example'), alike],
    ['In on another column', inList('firstname', 'ZOË'), alike],
    ['ne', "firstname ne 'zoe'", [' zoe@x.example']],
    ['a leading blank', "emailaddress1 eq ' zoë@x.example'", [' zoe@x.example']],
    ['startswith', "startswith(firstname,'zoe')", alike],
    ['contains', "contains(firstname,'OE')", [' zoe@x.example', ...alike].sort()],
    [
      'endswith, for which blanks at the end count',
      "endswith(emailaddress1,'.example  ')",
      ['ZOE@x.example  '],
    ],
    ['a wildcard', "contains(firstname,'z_e')", [' zoe@x.example', ...alike].sort()],
  ])('ignores case, accents and blanks at the end: %s', async (_what, filter, expected) => {
    expect(await found(encodeURIComponent(filter))).toEqual(expected);
  });

  it('can be told that accents and blanks count, for rows that are there already', async () => {
    const { accents } = await client.control('POST', 'collation', {
      accents: 'sensitive',
      trailingBlanks: 'kept',
    });
    expect(accents).toBe('sensitive');
    expect(await found("emailaddress1 eq 'Zoe@x.example'")).toEqual(['zoe@x.example']);
    expect(await found("firstname eq 'zoe'")).toEqual([]);
    expect(await found(encodeURIComponent("contains(firstname,'zoë')"))).toEqual(['zoë@x.example']);
    await client.control('POST', 'collation', { accents: 'insensitive' });
    expect(await found("emailaddress1 eq 'Zoe@x.example'")).toEqual(['zoe@x.example', 'zoë@x.example']);
  });
});
