import type { FieldMapping, Side } from '../../../src/domain/model.js';
import type { Column, EntityField } from '../../../src/domain/schema.js';
import type { FieldValue } from '../../../src/domain/values.js';
import { aColumn, aFieldMapping, anEntityField } from '../../support/builders.js';
import { aContact, aPair, aUser, contact, user } from './actors.js';
import { createHarness, type Harness } from './harness.js';
import { USER_FIELDS, userMapping } from './mappings.js';
import { type Path, viaPath } from './paths.js';

/** The field and the column of which a test says what they are. */
export const FIELD = 'customFields.kind';
const COLUMN = 'new_kind';

/** A field, a column, what is between them, and a value on one side. */
export interface Kind {
  readonly from: Side;
  readonly field?: Partial<EntityField>;
  readonly column?: Partial<Column>;
  readonly mapped?: Partial<FieldMapping>;
  readonly value: FieldValue;
  /** What the field holds before a change. */
  readonly before?: FieldValue;
}

async function bridgeOf({ field, column, mapped }: Kind): Promise<Harness> {
  const more = aFieldMapping({ id: 'f_kind', authScapeField: FIELD, crmField: COLUMN, ...mapped });
  const bridge = await createHarness({ mappings: [userMapping({ fields: [...USER_FIELDS, more] })] });
  bridge.a.customFields.push(anEntityField(FIELD, { inList: false, custom: true, ...field }));
  const table = bridge.d.tables.get('contact');
  if (table === undefined) throw new Error('There is no table of contacts.');
  table.schema = { ...table.schema, columns: [...table.schema.columns, aColumn(COLUMN, column)] };
  return bridge;
}

/** What became of the value: on the other side, in what the path told, and in the field beside it. */
export interface Outcome {
  readonly arrived: FieldValue;
  readonly beside: FieldValue;
  readonly planned: FieldValue;
  readonly codes: readonly string[];
}

async function outcomeOf(
  bridge: Harness,
  kind: Kind,
  path: Path,
  { a, d }: { a: string | undefined; d: string | undefined },
): Promise<Outcome> {
  const isOut = kind.from === 'authScape';
  const subject = isOut
    ? ({ side: kind.from, entity: 'User', id: a ?? '' } as const)
    : ({ side: kind.from, entity: 'contact', id: d ?? '' } as const);
  const known = new Set((await bridge.logs()).map(({ id }) => id));
  const { codes, runId } = await viaPath(bridge, path, subject);
  const links = await bridge.links();
  const link = links.find(({ authScapeId, crmId }) => (isOut ? authScapeId === a : crmId === d));
  const entries = (await bridge.logs(runId)).filter(({ id }) => !known.has(id));
  const planned = entries
    .flatMap(({ fields }) => fields)
    .find(({ field }) => field === (isOut ? COLUMN : FIELD));
  const other =
    link === undefined ? {} : isOut ? contact(bridge, link.crmId) : user(bridge, link.authScapeId);
  return {
    arrived: other[isOut ? COLUMN : FIELD] ?? null,
    beside: other[isOut ? 'lastname' : 'lastName'] ?? null,
    planned: planned?.to ?? null,
    codes,
  };
}

/** The value takes the place of another one in a pair that is in step. */
export async function asChange(kind: Kind, path: Path): Promise<Outcome & { readonly before: FieldValue }> {
  const bridge = await bridgeOf(kind);
  const { a, d } = await aPair(bridge, { phoneNumber: 'Berg', [FIELD]: kind.before ?? null });
  const isOut = kind.from === 'authScape';
  const before = (isOut ? contact(bridge, d)[COLUMN] : user(bridge, a)[FIELD]) ?? null;
  // The name is in the lists, which lead incremental runs to the rest.
  if (isOut) bridge.a.people.set('User', a, { [FIELD]: kind.value, lastName: 'New' });
  else bridge.d.people.set('contact', d, { [COLUMN]: kind.value, lastname: 'New' });
  return { ...(await outcomeOf(bridge, kind, path, { a, d })), before };
}

/** The value comes with a record that has no partner. */
export async function inCreation(kind: Kind, path: Path): Promise<Outcome> {
  const bridge = await bridgeOf(kind);
  await aPair(bridge);
  const isOut = kind.from === 'authScape';
  const a = isOut ? aUser(bridge, { phoneNumber: 'Berg', [FIELD]: kind.value }) : undefined;
  const d = isOut ? undefined : aContact(bridge, { [COLUMN]: kind.value });
  return outcomeOf(bridge, kind, path, { a, d });
}
