import { z } from 'zod';
import type { Clock } from '../../application/ports/runtime.js';
import type { Table } from '../../domain/schema.js';
import { PROBE_DEADLINE_MS, parseJson } from '../http/client.js';
import { HttpFailure } from '../http/failure.js';
import type { DataverseApi } from './api.js';
import { type DataverseTable, detailPaths, toColumn, toNavigation, toTable } from './columns.js';
import { faultOf } from './error-body.js';
import { systemError } from './faults.js';
import { query, textLiteral } from './odata.js';
import { attributeSchema, detailSchema, navigationSchema, parse, tableSchema } from './wire.js';

export interface Metadata {
  tables(): Promise<readonly Table[]>;
  /** Undefined for an unknown table. `fresh` reads anew, past the cache that Dataverse itself keeps. */
  table(logicalName: string, fresh?: boolean): Promise<DataverseTable | undefined>;
  /** The definition alone, without columns: cheaper. */
  definition(logicalName: string, fresh?: boolean): Promise<Table | undefined>;
  drop(): void;
}

const LIFETIME_MS = 10 * 60_000;
const LOGICAL_NAME = /^[a-z][a-z0-9_]*$/;

const TABLE_COLUMNS =
  'LogicalName,EntitySetName,PrimaryIdAttribute,PrimaryNameAttribute,ChangeTrackingEnabled,IsOptimisticConcurrencyEnabled,DisplayName';
const ATTRIBUTE_COLUMNS =
  'LogicalName,AttributeType,AttributeTypeName,AttributeOf,RequiredLevel,IsValidForCreate,IsValidForUpdate,IsValidForRead,IsSecured,DisplayName';
const NAVIGATION_COLUMNS = 'ReferencingAttribute,ReferencedEntity,ReferencingEntityNavigationPropertyName';

/** Table definitions with a cache of ten minutes; parallel first reads share one request (*Query table definitions*). */
export function createMetadata(api: DataverseApi, clock: Clock): Metadata {
  const tablesCache = createCache<readonly Table[]>(clock);
  const tableCache = createCache<DataverseTable | undefined>(clock);
  const definitionCache = createCache<Table | undefined>(clock);

  async function list<T>(path: string, item: z.ZodType<T>, fresh: boolean): Promise<readonly T[]> {
    const { body } = await api.read(path, callOptions(fresh));
    return parse(z.object({ value: z.array(item) }), body, 'its table definitions').value;
  }

  async function readTables(): Promise<readonly Table[]> {
    const raw = await list(`EntityDefinitions${query({ $select: TABLE_COLUMNS })}`, tableSchema, true);
    return raw.flatMap((each) => toTable(each) ?? []);
  }

  async function readDefinition(logicalName: string, fresh: boolean): Promise<Table | undefined> {
    const path = `${pathOf(logicalName)}${query({ $select: TABLE_COLUMNS })}`;
    try {
      const answer = await api.send({ method: 'GET', path, safe: true, ...callOptions(fresh) });
      return toTable(parse(tableSchema, parseJson(answer), 'a table definition'));
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      if (isUnknownTable(error)) return undefined;
      throw systemError(error);
    }
  }

  async function readTable(logicalName: string, fresh: boolean): Promise<DataverseTable | undefined> {
    const definition = await readDefinition(logicalName, fresh);
    if (definition === undefined) return undefined;
    const base = pathOf(logicalName);
    const [attributes, navigations] = await Promise.all([
      list(`${base}/Attributes${query({ $select: ATTRIBUTE_COLUMNS })}`, attributeSchema, fresh),
      list(
        `${base}/ManyToOneRelationships${query({ $select: NAVIGATION_COLUMNS })}`,
        navigationSchema,
        fresh,
      ),
    ]);
    const details = await Promise.all(
      detailPaths(attributes).map((path) => list(`${base}/Attributes/${path}`, detailSchema, fresh)),
    );
    const byName = new Map(details.flat().map((detail) => [detail.LogicalName, detail]));
    return {
      ...definition,
      // Columns that belong to another one (labels of choices, names of lookups) cannot be selected on their own.
      columns: attributes
        .filter((attribute) => !attribute.AttributeOf)
        .map((attribute) => toColumn(attribute, byName.get(attribute.LogicalName))),
      navigations: navigations.flatMap((each) => toNavigation(each) ?? []),
      secured: new Set(attributes.flatMap((each) => (each.IsSecured === true ? [each.LogicalName] : []))),
    };
  }

  return {
    tables: () => tablesCache.get('', false, readTables),
    table: async (logicalName, fresh = false) => {
      if (!LOGICAL_NAME.test(logicalName)) return undefined;
      return tableCache.get(logicalName, fresh, () => readTable(logicalName, fresh));
    },
    definition: async (logicalName, fresh = false) => {
      if (!LOGICAL_NAME.test(logicalName)) return undefined;
      return definitionCache.get(logicalName, fresh, () => readDefinition(logicalName, fresh));
    },
    drop: () => {
      tablesCache.clear();
      tableCache.clear();
      definitionCache.clear();
    },
  };
}

function pathOf(logicalName: string): string {
  return `EntityDefinitions(LogicalName=${textLiteral(logicalName)})`;
}

function callOptions(fresh: boolean) {
  return { timeoutMs: PROBE_DEADLINE_MS, headers: fresh ? { Consistency: 'Strong' } : {} };
}

/** An answer of Dataverse itself; a 404 of something in between says nothing about tables. */
function isUnknownTable(error: HttpFailure): boolean {
  const fault = faultOf(error.failure);
  return fault?.status === 404 && (fault.code !== '' || fault.message !== '');
}

interface Cache<T> {
  get(key: string, fresh: boolean, read: () => Promise<T>): Promise<T>;
  clear(): void;
}

/** Holds promises; a failed one is forgotten, so that the next caller asks again. */
function createCache<T>(clock: Clock): Cache<T> {
  const entries = new Map<string, { readonly value: Promise<T>; readonly until: number }>();
  return {
    get: (key, fresh, read) => {
      const held = entries.get(key);
      if (!fresh && held !== undefined && clock.now() < held.until) return held.value;
      const value = read();
      entries.set(key, { value, until: clock.now() + LIFETIME_MS });
      value.catch(() => {
        if (entries.get(key)?.value === value) entries.delete(key);
      });
      return value;
    },
    clear: () => entries.clear(),
  };
}
