import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../../src/domain/errors.js';
import { secondWriters } from '../../../../src/domain/second-writer.js';
import { aContact, contact, pairs } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';

type Push = (bridge: Harness, email: string) => void;

/** A row of its own for each record that it has not written before, as the module's search never finds ours. */
const ownRows: Push = (bridge, email) => void aContact(bridge, { emailaddress1: email });

/** AuthScape's own CRM connection: writes to Dynamics within each request that creates or updates a user. */
function connectCrm(bridge: Harness, push: Push): void {
  bridge.world.after = ({ side, name, id }) => {
    if (side !== 'authScape' || !['create', 'update.write'].includes(name)) return;
    const users = [...bridge.a.records.User.values()];
    const written = name === 'create' ? users.at(-1) : users.find((user) => user.id === id);
    push(bridge, String(written?.values.email));
  };
}

async function noticed(bridge: Harness): Promise<boolean> {
  return secondWriters(await bridge.storage.connections.getState(bridge.connection.id)).length > 0;
}

const warnings = ({ lines }: Harness) => lines.filter((line) => line.includes('own_crm_connection_on'));

let phone = 0;
/** People change a contact of each pair, and a run brings it to AuthScape. */
async function editAll(bridge: Harness, rows: readonly string[]): Promise<void> {
  phone += 1;
  for (const row of rows) bridge.d.people.set('contact', row, { telephone1: `+47 ${phone}` });
  await bridge.sync('incremental');
}

describe("[E13] AuthScape's own CRM connection", () => {
  it('is told once when rows appear beside those that are linked, and told no more when it is off', async () => {
    const bridge = await createHarness({ concurrency: 1 });
    const rows = (await pairs(bridge, 4)).map(({ d }) => d);
    await editAll(bridge, rows.slice(0, 1));
    expect(await noticed(bridge)).toBe(false);

    connectCrm(bridge, ownRows);
    bridge.clock.advance(3_600_000);
    await editAll(bridge, rows);
    expect(await noticed(bridge)).toBe(true);
    expect(warnings(bridge)).toHaveLength(1);
    bridge.clock.advance(3_600_000);
    await editAll(bridge, rows);
    expect(warnings(bridge)).toHaveLength(1);

    bridge.world.after = undefined;
    for (const expected of [true, true, false]) {
      bridge.clock.advance(3_600_000);
      await editAll(bridge, rows);
      expect(await noticed(bridge)).toBe(expected);
    }
    expect(warnings(bridge)).toHaveLength(1);
  });

  it('is told when the linked rows themselves are written', async () => {
    const bridge = await createHarness({ concurrency: 1 });
    const rows = (await pairs(bridge, 3)).map(({ d }) => d);
    connectCrm(bridge, (_, email) => {
      const row = rows.find((each) => contact(bridge, each).emailaddress1 === email);
      bridge.d.people.set('contact', row ?? '', { lastname: 'Lovelace' });
    });
    await editAll(bridge, rows);
    expect(await noticed(bridge)).toBe(true);
  });

  it.each([1, 8])('is told by users that are made for contacts, %i at a time', async (concurrency) => {
    const bridge = await createHarness({ concurrency });
    for (let count = 0; count < 8; count += 1) aContact(bridge);
    connectCrm(bridge, ownRows);
    await bridge.sync('full');
    expect(await noticed(bridge)).toBe(true);
  });

  it('is not told of where it is off, nor of edits that people make meanwhile at some of the records', async () => {
    const bridge = await createHarness({ concurrency: 1 });
    const rows = (await pairs(bridge, 6)).map(({ d }) => d);
    let writes = 0;
    connectCrm(bridge, () => {
      writes += 1;
      const [first] = rows;
      if (writes % 3 !== 0 && first !== undefined)
        bridge.d.people.set('contact', first, { lastname: `L${writes}` });
    });
    for (let count = 0; count < 6; count += 1) {
      await editAll(bridge, rows);
      bridge.clock.advance(3_600_000);
    }
    expect(writes).toBeGreaterThan(30);
    expect(await noticed(bridge)).toBe(false);
    expect(warnings(bridge)).toEqual([]);
  });

  it('costs two questions an hour where it is off, and none at an archived user', async () => {
    const bridge = await createHarness({ concurrency: 1 });
    const rows = (await pairs(bridge, 5)).map(({ d }) => d);
    const asked: string[] = [];
    bridge.world.before = ({ side, name }) => {
      if (side === 'dynamics' && name === 'findBy') asked.push(name);
    };
    for (const row of rows) bridge.d.people.set('contact', row, { statecode: 1 });
    await bridge.sync('incremental');
    expect(asked).toHaveLength(0);
    await editAll(bridge, rows);
    await editAll(bridge, rows);
    expect(asked).toHaveLength(2);
  });

  it('fails no write when the rows cannot be read', async () => {
    const bridge = await createHarness({ concurrency: 1 });
    const [row = ''] = (await pairs(bridge, 1)).map(({ d }) => d);
    bridge.world.before = ({ side, name }) => {
      if (side === 'dynamics' && name === 'findBy') throw new BridgeError('dynamics_unavailable', 'Away.');
    };
    bridge.d.people.set('contact', row, { telephone1: '+47 9' });
    expect(await bridge.sync('incremental')).toMatchObject({ status: 'succeeded', counts: { updated: 1 } });
  });
});
