import { afterEach, describe, expect, it } from 'vitest';
import { reply, type Step } from '../http/script.js';
import { rejection, type ScriptBench, startScriptBench } from './support.js';

const id = 'c0000000-0000-4000-8000-000000000001';
const other = 'a0000000-0000-4000-8000-000000000001';
const ROW = { contactid: id, firstname: 'Old', statecode: 0 };
const benches: ScriptBench[] = [];

async function play(...steps: readonly [Step, ...Step[]]): Promise<ScriptBench> {
  const bench = await startScriptBench(...steps);
  benches.push(bench);
  return bench;
}

afterEach(async () => {
  await Promise.all(benches.splice(0).map((bench) => bench.close()));
});

const refused = (status: number, code: string, message = 'No.') =>
  reply(status, { error: { code, message } });
const shown = (version: number) => reply(200, { ...ROW, '@odata.etag': `W/"${version}"` });
const missing = refused(404, '0x80040217', `contact With Id = ${id} Does Not Exist`);

async function update(...steps: readonly [Step, ...Step[]]) {
  const { system } = await play(...steps);
  return system.update('contact', id, 'W/"7"', { firstname: 'New' }, ['firstname']);
}
async function create(...steps: readonly [Step, ...Step[]]) {
  const { system } = await play(...steps);
  return system.create('contact', id, { firstname: 'New' }, ['firstname']);
}
async function remove(...steps: readonly [Step, ...Step[]]) {
  const { system } = await play(...steps);
  return system.remove('contact', id, 'W/"7"');
}

describe('[E1] that a row is gone is read', () => {
  const answers = [
    ['404 of a missing row', refused(404, '0x80040217', `contact With Id = ${id} Does Not Exist`)],
    ['404 about another row', refused(404, '0x80040217', `account With Id = ${other} Does Not Exist`)],
    ['404 of another code', refused(404, '0x8006088a')],
    ['404 without a body', reply(404)],
    ['400 of a missing row', refused(400, '0x80040217')],
  ] as const;

  it.each(answers)('%s, and the row is there: the write was refused', async (_what, answer) => {
    expect(await rejection(update(answer, shown(7)))).toMatchObject({ name: 'RecordRefusedError' });
    expect(await rejection(remove(answer, shown(7)))).toMatchObject({ name: 'RecordRefusedError' });
  });

  it.each(answers)('%s, and the row is not there', async (_what, answer) => {
    await expect(update(answer, missing)).resolves.toEqual({ kind: 'gone' });
    await expect(remove(answer, missing)).resolves.toBe('gone');
  });

  it('a row that cannot be read is not gone', async () => {
    const unreadable = refused(500, '0x80040224');
    expect(await rejection(update(missing, unreadable))).toMatchObject({ name: 'RecordRefusedError' });
  });

  it('a read that fails at another row proves nothing', async () => {
    const { system } = await play(refused(404, '0x80040217', `systemuser With Id = ${other} Does Not Exist`));
    expect(await rejection(system.get('contact', id, []))).toMatchObject({ reason: 'record_unreadable' });
  });
});

describe('[E2] that a row exists is read', () => {
  const answers = [
    ['412 of a duplicate key', refused(412, '0x80040237')],
    ['412 without a code', refused(412, '')],
    ['400 of an alternate key', refused(400, '0x80060892')],
    ['500 of a duplicate', refused(500, '0x80040333')],
    ['400 of a unique index', refused(400, '0x80073002')],
  ] as const;

  it.each(answers)('%s, and no row is there', async (_what, answer) => {
    expect(await rejection(create(answer, missing))).toMatchObject({ reason: 'duplicate_record' });
  });

  it.each(answers)('%s, and the row is there', async (_what, answer) => {
    await expect(create(answer, shown(7))).resolves.toEqual({ kind: 'exists' });
  });
});

describe('[E3] that a row is another version is read', () => {
  it.each([
    ['0x80060882', 7, 'refused'],
    ['0x80073002', 7, 'refused'],
    ['0x80060892', 8, 'refused'],
    ['0x80060882', 8, 'stale'],
    ['', 8, 'stale'],
  ] as const)('412 %s, and the version is %i: %s', async (code, version, what) => {
    for (const done of [
      update(refused(412, code), shown(version)),
      remove(refused(412, code), shown(version)),
    ]) {
      if (what === 'refused') expect(await rejection(done)).toMatchObject({ name: 'RecordRefusedError' });
      else expect(JSON.stringify(await done)).toContain('stale');
    }
  });
});

describe('[E4] an answer to a write is about the record unless it is proven to concern all', () => {
  it.each([
    ['a plug-in', refused(500, '0x80040224')],
    ['a plug-in that crashed', refused(500, '0x8004418d')],
    ['a missing privilege', refused(403, '0x80040220', 'is missing prvWriteContact privilege')],
    ['an unknown code', refused(500, '0x8004aaaa')],
    ['a page of HTML', reply(403, '<html>Blocked</html>')],
    ['no body', reply(500)],
    ['a user that is disabled: perhaps the owner', refused(400, '0x80041d1f')],
    ['a gateway', reply(503)],
  ])('%s', async (_what, answer) => {
    expect(await rejection(update(answer))).toMatchObject({ name: 'RecordRefusedError' });
    expect(await rejection(create(answer))).toMatchObject({ name: 'RecordRefusedError' });
    expect(await rejection(remove(answer))).toMatchObject({ name: 'RecordRefusedError' });
  });

  it.each([
    ['no token', reply(401), 'invalid_client_credentials'],
    ['not a member', refused(403, '0x80072560'), 'application_user_missing'],
    ['a limit', refused(429, '0x80072322'), 'service_protection_limit'],
    ['a disabled organization', refused(500, '0x8004a104'), 'dynamics_unavailable'],
    ['the IP firewall', refused(403, '0x80095ffe'), 'access_denied'],
  ])('%s', async (_what, answer, code) => {
    expect(await rejection(update(answer))).toMatchObject({ name: 'BridgeError', code });
  });

  it('a gateway that gave up says nothing of what became of the write', async () => {
    expect(await rejection(update(reply(504)))).toMatchObject({ name: 'UnknownFateError' });
  });

  it('one row that cannot be read is this row alone', async () => {
    for (const answer of [refused(500, '0x80040224'), reply(404), reply(503)]) {
      const { system } = await play(answer);
      expect(await rejection(system.get('contact', id, []))).toMatchObject({ reason: 'record_unreadable' });
    }
  });
});

describe('[E1] an answer of another form proves nothing of the row', () => {
  const odd = [
    ['a page', reply(200, '<html>Blocked</html>')],
    ['an empty object', reply(200, {})],
    ['an object without id', reply(200, { firstname: 'Ada', statecode: 0 })],
    ['another row', reply(200, { ...ROW, contactid: other })],
    ['values of another form', reply(200, { ...ROW, contactid: 5 })],
    ['null', reply(200, 'null')],
    ['a list', reply(200, [])],
    ['nothing', reply(200)],
    ['204', reply(204)],
  ] as const;

  it.each(odd)('%s, to a read', async (_what, answer) => {
    const { system } = await play(answer);
    expect(await rejection(system.get('contact', id, []))).toMatchObject({ reason: 'record_unreadable' });
  });

  it.each(odd)('%s, to the read after a 404', async (_what, answer) => {
    expect(await rejection(update(missing, answer))).toMatchObject({ name: 'RecordRefusedError' });
    expect(await rejection(remove(missing, answer))).toMatchObject({ name: 'RecordRefusedError' });
  });

  it('a page to a delete: the row is read', async () => {
    const page = reply(200, '<html>Signed out</html>');
    expect(await rejection(remove(page, shown(7)))).toMatchObject({ name: 'UnknownFateError' });
    await expect(remove(page, missing)).resolves.toBe('removed');
    await expect(remove(reply(204))).resolves.toBe('removed');
  });

  it.each(odd)('%s, to a write: the row is read', async (_what, answer) => {
    await expect(update(answer, shown(8))).resolves.toMatchObject({ kind: 'written', row: { id } });
    await expect(create(answer, shown(8))).resolves.toMatchObject({ kind: 'written', row: { id } });
  });

  it.each(odd)('%s, to an update: what became of it is open', async (_what, answer) => {
    expect(await rejection(update(answer))).toMatchObject({ name: 'UnknownFateError' });
  });
});

describe('[E9] odd answers of the change feed', () => {
  const delta = { kind: 'delta', link: '/api/data/v9.2/contacts?$deltatoken=7' } as const;

  it('an empty one means that nothing is new, and the position stays', async () => {
    const { system } = await play(reply(200, {}));
    await expect(system.changes('contact', ['firstname'], delta)).resolves.toEqual({
      rows: [],
      deletedIds: [],
      next: null,
      deltaLink: delta.link,
    });
  });

  it('a version that is none, as 500, leads to a full read', async () => {
    const { system } = await play(refused(500, '0x80044183'));
    expect(await rejection(system.changes('contact', ['firstname'], delta))).toMatchObject({
      code: 'delta_link_expired',
    });
  });
});
