import { BUILT_IN_FIELDS, listCarries } from '../../src/adapters/authscape/fields.js';
import { searchText } from '../../src/adapters/authscape/find.js';
import {
  type AuthScapeSystem,
  type CreateResult,
  type ScanPage,
  UnknownOutcomeError,
} from '../../src/application/ports/systems.js';
import { BridgeError, RecordRejectedError } from '../../src/domain/errors.js';
import type { AuthScapeEntity } from '../../src/domain/model.js';
import type { AuthScapeRecord } from '../../src/domain/records.js';
import { type FieldValues, matchForm } from '../../src/domain/values.js';
import {
  detailOf,
  isTaken,
  type MemoryAuthScape,
  type MemoryRecord,
  stateKeyOf,
  writeValues,
} from './memory-systems-records.js';
import { updateRecord } from './memory-systems-update.js';
import { LIFE, type ValueChange, type World } from './memory-systems-world.js';

const CREATION_KEYS: Readonly<Record<AuthScapeEntity, readonly string[]>> = {
  User: ['firstName', 'lastName', 'email'],
  Company: [],
  Location: ['title', 'address', 'city', 'state', 'zipCode', 'companyId', 'isDeactivated'],
};

export function createMemoryAuthScape(world: World): MemoryAuthScape {
  const deleted = new Map<string, MemoryRecord>();
  let lastId = 100;
  const memory: MemoryAuthScape = {
    records: { User: new Map(), Company: new Map(), Location: new Map() },
    customFields: [],
    ownUserId: null,
    address: 'https://authscape.example',
    clockOffset: 0,
    pageSize: 4,
    writeTimeoutMs: 1_000,
    refusedEmails: new Set(),
    unlisted: new Set(),
    unreadable: new Set(),
    refuses: undefined,
    people: {
      insert: (entity, values, roles = []) => insert(entity, values, 'person', roles).id,
      set(entity, id, values) {
        const record = memory.records[entity].get(id);
        if (record === undefined) throw new Error(`no ${entity} ${id}`);
        writeValues(world, entity, record, values, 'person');
      },
      remove(entity, id) {
        const record = memory.records[entity].get(id);
        if (record === undefined) throw new Error(`no ${entity} ${id}`);
        deleted.set(`${entity} ${id}`, record);
        memory.records[entity].delete(id);
        noteLife(entity, id, null, 'person');
      },
      restore(entity, id) {
        const record = deleted.get(`${entity} ${id}`);
        if (record === undefined) throw new Error(`no deleted ${entity} ${id}`);
        memory.records[entity].set(id, record);
        noteLife(entity, id, 'there', 'person');
      },
    },
    system: undefined as never,
  };

  function noteLife(entity: AuthScapeEntity, id: string, to: 'there' | null, by: ValueChange['by']): void {
    const from = to === null ? 'there' : null;
    world.note({ side: 'authScape', entity, id, field: LIFE, from, to, by });
  }

  function insert(
    entity: AuthScapeEntity,
    values: FieldValues,
    by: ValueChange['by'],
    roles: readonly string[] = [],
  ): MemoryRecord {
    lastId += 1;
    const record: MemoryRecord = { id: String(lastId), values: {}, roles };
    for (const field of [...BUILT_IN_FIELDS[entity], ...memory.customFields]) record.values[field.key] = null;
    Object.assign(record.values, { id: record.id, [stateKeyOf(entity)]: entity === 'User' });
    memory.records[entity].set(record.id, record);
    noteLife(entity, record.id, 'there', by);
    writeValues(world, entity, record, values, by);
    return record;
  }

  return Object.assign(memory, { system: systemOf(world, memory, insert) });
}

type Insert = (entity: AuthScapeEntity, values: FieldValues, by: ValueChange['by']) => MemoryRecord;

function systemOf(world: World, memory: MemoryAuthScape, insert: Insert): AuthScapeSystem {
  const call = <T>(name: string, entity: string, id: string | null, effect: boolean, work: () => T) =>
    world.call({ side: 'authScape', name, entity, id, effect }, work);
  const read = (entity: AuthScapeEntity, id: string, name: string) => {
    const readAt = world.clock.now();
    return call(name, entity, id, false, () => {
      const record = memory.unreadable.has(id) ? undefined : memory.records[entity].get(id);
      return record === undefined ? undefined : detailOf(entity, record, readAt);
    });
  };
  return {
    get address() {
      return memory.address;
    },
    identity: () => call('identity', '', null, false, () => ({ userId: memory.ownUserId })),
    probe: () => call('probe', '', null, false, () => undefined),
    schema: async (entity) => ({ entity, fields: [...BUILT_IN_FIELDS[entity], ...memory.customFields] }),
    scan: (entity, options, position) => {
      const readAt = world.clock.now();
      return call('scan', entity, null, false, () => scanPage(memory, entity, options, position, readAt));
    },
    get: (entity, id) => read(entity, id, 'get'),
    async isGone(entity, id, witness) {
      if ((await read(entity, id, 'isGone')) !== undefined) return false;
      if (entity !== 'User') return true;
      return witness !== null && witness !== id && (await read(entity, witness, 'isGone')) !== undefined;
    },
    findBy: (entity, criteria) => {
      const readAt = world.clock.now();
      return call('findBy', entity, null, false, () =>
        [...memory.records[entity].values()]
          .filter((record) => isListed(entity, record, criteria) && meets(record, criteria))
          .map((record) => detailOf(entity, record, readAt)),
      );
    },
    search: (entity, text, limit) => {
      const readAt = world.clock.now();
      return call('search', entity, null, false, () => {
        const wanted = matchForm(text) ?? '';
        const texts = ({ values: { email, firstName, lastName, title } }: MemoryRecord) =>
          [`${firstName} ${lastName}`, email, title].map((each) => String(each ?? ''));
        return [...memory.records[entity].values()]
          .filter(
            (record) =>
              record.id === wanted || texts(record).some((each) => matchForm(each)?.includes(wanted)),
          )
          .slice(0, limit)
          .map((record) => detailOf(entity, record, readAt));
      });
    },
    canCreate: (entity) => entity !== 'Company',
    foreseenRefusal: (entity, { email }) =>
      entity === 'User' && memory.refusedEmails.has(matchForm(email) ?? '')
        ? { reason: 'email_refused', message: 'AuthScape does not take this e-mail.' }
        : null,
    creationKeys: (entity) => CREATION_KEYS[entity],
    async create(entity, values, _keys, guard) {
      await guard();
      const made = await call('create', entity, null, true, () => {
        const refusal = memory.refuses?.('', values) ?? null;
        if (refusal !== null) throw refusal;
        return created(memory, entity, values, insert);
      });
      if ('kind' in made) return made;
      try {
        return { kind: 'created', id: made.id, record: await read(entity, made.id, 'create.readBack') };
      } catch (error) {
        if (error instanceof BridgeError || error instanceof UnknownOutcomeError) {
          return { kind: 'created', id: made.id, record: undefined };
        }
        throw error;
      }
    },
    update: (entity, id, values, { expected, guard }) =>
      updateRecord({ world, memory, call, read, entity, id }, values, expected, guard),
    clockOffset: () => memory.clockOffset,
  };
}

/** AuthScape narrows by a part of the name before the adapter compares. */
function isListed(entity: AuthScapeEntity, { values }: MemoryRecord, criteria: FieldValues): boolean {
  const search = entity === 'Location' ? undefined : searchText(entity, criteria);
  const names = [values.email, `${values.firstName} ${values.lastName}`];
  return (
    search === undefined ||
    names.some((name) =>
      String(name ?? '')
        .toLowerCase()
        .includes(search.toLowerCase()),
    )
  );
}

function meets(record: MemoryRecord, criteria: FieldValues): boolean {
  const asked = Object.entries(criteria);
  if (asked.every(([, value]) => matchForm(value) === null)) return false;
  return asked.every(([key, value]) => matchForm(record.values[key]) === matchForm(value));
}

/** The active ones first, then the others; pages are cut from the state of the moment, so rows move between them. */
function scanPage(
  memory: MemoryAuthScape,
  entity: AuthScapeEntity,
  { keys, detail }: Parameters<AuthScapeSystem['scan']>[1],
  position: string | null,
  readAt: number,
): ScanPage {
  const [pass, start, activeTotal] = (position ?? '0.0.0').split('.').map(Number) as [number, number, number];
  const all = [...memory.records[entity].values()].map((record) => detailOf(entity, record, readAt));
  const rows = all
    .filter((record) => record.active === (pass === 0) && !memory.unlisted.has(record.id))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  // A page repeats the end of the one before: a record may be seen twice.
  const part = rows.slice(Math.max(0, start - 1), start + memory.pageSize);
  const end = start + memory.pageSize;
  const inList = listCarries(entity, keys);
  const records = part.map((record) => {
    if (inList || detail === true || (typeof detail === 'function' && detail(record.id))) return record;
    return listed(entity, record);
  });
  if (end < rows.length)
    return { records, next: `${pass}.${end}.${activeTotal}`, total: activeTotal + rows.length };
  // They are counted, and stepped over.
  const skipped = all.filter(({ active, id }) => active === (pass === 0) && memory.unlisted.has(id));
  const skippedAt = skipped.map((_, index) => `${pass}.${index}`);
  const last = { records, skipped: skipped.length, skippedAt };
  const counted = rows.length + skipped.length;
  if (pass === 0) return { ...last, next: `1.0.${counted}`, total: counted };
  return { ...last, next: null, total: activeTotal + counted };
}

function listed(entity: AuthScapeEntity, record: AuthScapeRecord): AuthScapeRecord {
  const { roles: _, ...rest } = record;
  const shown = BUILT_IN_FIELDS[entity].filter((field) => field.inList).map((field) => field.key);
  const values = Object.fromEntries(Object.entries(record.values).filter(([key]) => shown.includes(key)));
  return { ...rest, values, complete: false };
}

function created(
  memory: MemoryAuthScape,
  entity: AuthScapeEntity,
  values: FieldValues,
  insert: Insert,
): MemoryRecord | Extract<CreateResult, { kind: 'refused' }> {
  if (entity === 'Company') {
    return { kind: 'refused', reason: 'create_not_supported', message: 'AuthScape creates no companies.' };
  }
  if (entity === 'User') {
    const email = matchForm(values.email);
    if (email === null || memory.refusedEmails.has(email)) {
      return { kind: 'refused', reason: 'email_refused', message: 'AuthScape does not take this e-mail.' };
    }
    if (isTaken(memory, email, null)) {
      return { kind: 'refused', reason: 'email_taken', message: 'Another user has this e-mail.' };
    }
  } else if (matchForm(values.title) === null) {
    throw new RecordRejectedError('required_value_missing', 'A location needs a title.', { field: 'title' });
  }
  const keys = CREATION_KEYS[entity];
  const given = Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key)));
  return insert(entity, given, 'bridge');
}
