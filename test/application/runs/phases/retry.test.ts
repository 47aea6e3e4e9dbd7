import { describe, expect, it } from 'vitest';
import { RecordRejectedError } from '../../../../src/domain/errors.js';
import { aContact, aUser } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';

describe('[C2] a contact whose user AuthScape refuses', () => {
  const EMAIL = 'refused@x.test';

  async function failRecord() {
    const bridge = await createHarness();
    aUser(bridge);
    await bridge.sync('full');
    bridge.a.refusedEmails.add(EMAIL);
    const d = aContact(bridge, { emailaddress1: EMAIL });
    return { bridge, d };
  }

  async function marks(bridge: Harness) {
    const page = await bridge.storage.backlog.scanMarks(bridge.connection.id, 'm_1234567890', 10);
    return page.items.map(({ crmId, attempts, notBefore }) => ({
      ...{ crmId, attempts },
      minutes: Math.round((notBefore - bridge.clock.now()) / 60_000),
    }));
  }

  it('is tried again by incremental runs, later and later, though its row does not change', async () => {
    const { bridge, d } = await failRecord();
    const waits: number[] = [];
    for (let run = 1; run <= 12; run += 1) {
      expect((await bridge.sync('incremental')).counts.failed).toBe(1);
      const [mark] = await marks(bridge);
      expect(mark).toMatchObject({ crmId: d, attempts: run });
      waits.push(mark?.minutes ?? 0);
      expect((await bridge.sync('incremental')).counts.failed, 'too early').toBe(0);
      bridge.clock.advance((mark?.minutes ?? 0) * 60_000);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]);
  });

  it('is made, and its mark goes, when the time has come and AuthScape takes it', async () => {
    const { bridge } = await failRecord();
    await bridge.sync('incremental');
    bridge.a.refusedEmails.clear();
    expect((await bridge.sync('incremental')).counts.created).toBe(0);
    bridge.clock.advance(61_000);
    expect((await bridge.sync('incremental')).counts.created).toBe(1);
    expect(await marks(bridge)).toEqual([]);
  });

  it('is tried at once when a person edits it', async () => {
    const { bridge, d } = await failRecord();
    for (let run = 0; run < 5; run += 1) {
      await bridge.sync('incremental');
      bridge.clock.advance(3_600_000);
    }
    await bridge.sync('incremental');
    bridge.d.people.set('contact', d, { emailaddress1: 'taken@x.test' });
    expect((await bridge.sync('incremental')).counts.created).toBe(1);
  });
});

describe('[C2] a contact that waits within a run', () => {
  it('fails alone when it may not be read by then, and gets its user by a later run', async () => {
    const bridge = await createHarness();
    aUser(bridge);
    await bridge.sync('full');
    const d = aContact(bridge, { emailaddress1: 'waits@x.test' });
    const until = bridge.clock.now() + 60_000;
    const pendingCreation = {
      owner: 'busy',
      madeAt: 0,
      until,
      criteria: { email: 'waits@x.test' },
      base: {},
    };
    const row = { table: 'contact', crmId: d, mappingId: 'm_1234567890' };
    expect(await bridge.storage.links.putPendingCreation(bridge.connection.id, row, pendingCreation)).toEqual(
      { kind: 'reserved' },
    );
    bridge.world.before = ({ side, name, id }) => {
      if (side === 'dynamics' && name === 'get' && id === d)
        throw new RecordRejectedError('forbidden', 'The principal may not read the row.');
    };
    const run = await bridge.sync('incremental');
    expect(run).toMatchObject({ status: 'partiallySucceeded', counts: { failed: 1 } });
    bridge.world.before = undefined;
    bridge.clock.advance(600_000);
    expect((await bridge.sync('incremental')).counts.created).toBe(1);
  });
});
