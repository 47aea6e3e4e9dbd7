import type { ResolvedMapping } from '../../domain/fields.js';
import type { Link } from '../../domain/link.js';
import type { AuthScapeEntity } from '../../domain/model.js';
import type { AuthScapeRecord, DynamicsRow } from '../../domain/records.js';
import type { FieldValues } from '../../domain/values.js';
import type { EngineDeps } from '../shared/engine-deps.js';
import { openContext } from '../sync/context/open-context.js';
import { forMapping, type MappingContext } from '../sync/context/sync-context.js';

/** What a person recognizes a record by. */
export interface RecordLabel {
  readonly name: string | null;
  readonly email: string | null;
  readonly active: boolean;
}

export interface FoundRecord {
  readonly mappingId: string;
  readonly entity: AuthScapeEntity;
  readonly crmEntity: string;
  readonly authScapeId: string | null;
  readonly crmId: string | null;
  readonly authScape: RecordLabel | null;
  readonly dynamics: RecordLabel | null;
  readonly link: Link | null;
}

export interface SearchResult {
  readonly items: readonly FoundRecord[];
  /** More was found than is shown. */
  readonly truncated: boolean;
}

const MOST = 50;

/**
 * Records of both sides whose name, e-mail or id matches, with their link; a linked pair is one item. Reads both systems
 * under every enabled mapping (of the entity, when one is named) and writes nothing.
 */
export const searchRecords =
  (deps: EngineDeps) =>
  async (connectionId: string, search: string, entity?: AuthScapeEntity): Promise<SearchResult> => {
    const context = await openContext(deps, connectionId, {
      ...{ runId: null, trigger: 'record', fullRun: false },
      dryRun: true,
    });
    const mappings = context.mappings.filter(
      ({ mapping }) => entity === undefined || mapping.authScapeEntity === entity,
    );
    const found: FoundRecord[] = [];
    for (const resolved of mappings) found.push(...(await ofMapping(forMapping(context, resolved), search)));
    return { items: found.slice(0, MOST), truncated: found.length > MOST };
  };

async function ofMapping(context: MappingContext, search: string): Promise<readonly FoundRecord[]> {
  const { resolved } = context;
  const { mapping } = resolved;
  const texts = labelColumns(resolved);
  const [records, rows] = await Promise.all([
    context.authScape.search(mapping.authScapeEntity, search, MOST + 1),
    context.dynamics.search(mapping.crmEntity, search, {
      in: texts,
      columns: [...new Set([...texts, ...resolved.columns])],
      limit: MOST + 1,
    }),
  ]);
  const { links, connection } = context;
  const byA = await links.getMany(
    connection.id,
    mapping.id,
    records.map(({ id }) => id),
  );
  const owners = await links.rowOwnersOf(
    connection.id,
    mapping.crmEntity,
    rows.map(({ id }) => id),
  );
  // A row that another mapping of the table has linked is shown there.
  const own = rows.filter(({ id }) => (owners.get(id)?.mappingId ?? mapping.id) === mapping.id);
  const partners = await links.getMany(
    connection.id,
    mapping.id,
    own.flatMap(({ id }) => owners.get(id)?.authScapeId ?? []),
  );
  const items = new Map<string, FoundRecord>();
  for (const record of records) {
    const link = byA.get(record.id)?.value ?? null;
    items.set(`a ${record.id}`, { ...blank(resolved, link), ...ofRecord(record) });
  }
  for (const row of own) {
    const link = partners.get(owners.get(row.id)?.authScapeId ?? '')?.value ?? null;
    const key = link === null ? `d ${row.id}` : `a ${link.authScapeId}`;
    const met = items.get(key) ?? blank(resolved, link);
    items.set(key, { ...met, crmId: row.id, dynamics: labelOfRow(resolved, row) });
  }
  return [...items.values()];
}

function blank({ mapping }: ResolvedMapping, link: Link | null): FoundRecord {
  return {
    mappingId: mapping.id,
    entity: mapping.authScapeEntity,
    crmEntity: mapping.crmEntity,
    authScapeId: link?.authScapeId ?? null,
    crmId: link?.crmId ?? null,
    authScape: null,
    dynamics: null,
    link,
  };
}

function ofRecord(record: AuthScapeRecord): Pick<FoundRecord, 'authScapeId' | 'authScape'> {
  return { authScapeId: record.id, authScape: labelOfRecord(record) };
}

/** The name that people see, and the e-mail. */
function labelOfRecord({ values, active }: AuthScapeRecord): RecordLabel {
  const name = textOf(values, ['title']) ?? joined(values, ['firstName', 'lastName']);
  return { name, email: textOf(values, ['email']), active };
}

function labelOfRow({ schema, fields }: ResolvedMapping, { values, active }: DynamicsRow): RecordLabel {
  const columnOf = (name: string) => fields.find((field) => field.aName === name)?.column ?? '';
  const name =
    textOf(values, [schema.primaryName ?? '']) ?? joined(values, ['firstName', 'lastName'].map(columnOf));
  return {
    name: name ?? textOf(values, [columnOf('title')]),
    email: textOf(values, emailColumns(schema)),
    active,
  };
}

/** Text columns by which people look for a row: the table's name, what names and e-mails are mapped to, e-mails. */
function labelColumns({ schema, fields }: ResolvedMapping): readonly string[] {
  const named = fields.filter(({ aName }) => ['title', 'firstName', 'lastName', 'email'].includes(aName));
  const wanted = [schema.primaryName ?? '', ...named.map(({ column }) => column), ...emailColumns(schema)];
  const isText = (name: string) =>
    schema.columns.some((column) => column.name === name && column.type === 'string' && column.readable);
  return [...new Set(wanted)].filter(isText);
}

function emailColumns({ columns }: ResolvedMapping['schema']): readonly string[] {
  return columns.filter(({ format, readable }) => format === 'email' && readable).map(({ name }) => name);
}

function textOf(values: FieldValues, names: readonly string[]): string | null {
  for (const name of names) {
    const text = String(values[name] ?? '').trim();
    if (text !== '') return text;
  }
  return null;
}

function joined(values: FieldValues, names: readonly string[]): string | null {
  const parts = names.map((name) => String(values[name] ?? '').trim()).filter((text) => text !== '');
  return parts.length === 0 ? null : parts.join(' ');
}
