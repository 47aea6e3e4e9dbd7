import type { Clock } from '../../application/ports/runtime.js';
import type { DynamicsIdentity, DynamicsSystem } from '../../application/ports/systems.js';
import { BridgeError, RecordRejectedError } from '../../domain/errors.js';
import { PROBE_DEADLINE_MS, parseJson } from '../http/client.js';
import { HttpFailure } from '../http/failure.js';
import { sendingAlone } from '../sent-alone.js';
import type { DataverseApi } from './api.js';
import { readChanges } from './changes.js';
import type { DataverseTable } from './columns.js';
import { faultOf } from './error-body.js';
import { bridgeError, systemError } from './faults.js';
import { createMetadata } from './metadata.js';
import { isGuid, query } from './odata.js';
import { unknownColumns } from './row-format.js';
import { anyRow, findRows, getRow, getRows } from './rows.js';
import { searchRows } from './search.js';
import { parse, whoAmISchema } from './wire.js';
import { createRow, removeRow, updateRow, type WriteScope } from './writes.js';

/** `DynamicsSystem` over one environment's Web API. */
export function createDataverseSystem(api: DataverseApi, clock: Clock): DynamicsSystem {
  const metadata = createMetadata(api, clock);

  /** The schema of a table that has all the columns: read anew before a column is called missing. */
  async function schemaOf(table: string, columns: readonly string[]): Promise<DataverseTable> {
    const known = await metadata.table(table);
    if (known !== undefined && unknownColumns(known, columns).length === 0) return known;
    const fresh = await metadata.table(table, true);
    if (fresh === undefined)
      throw bridgeError('schema_changed', `There is no table \`${table}\` in Dynamics.`);
    return fresh;
  }

  /** What the cache says is of no use once Dataverse has refused a name in it. */
  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const isUnknown =
        (error instanceof BridgeError && error.code === 'schema_changed') ||
        (error instanceof RecordRejectedError && error.reason === 'unknown_column');
      if (isUnknown) metadata.drop();
      throw error;
    }
  }

  async function entitySet(table: string): Promise<string | undefined> {
    return (await metadata.definition(table))?.entitySetName;
  }

  async function writeScope(table: string, id: string, columns: readonly string[]): Promise<WriteScope> {
    return { api, schema: await schemaOf(table, columns), id, columns, entitySet };
  }

  return {
    identity: () => readIdentity(api),
    listTables: () => guarded(() => metadata.tables()),
    table: (logicalName, options) => guarded(() => metadata.table(logicalName, options?.fresh)),
    changes: (table, columns, from) =>
      guarded(async () => readChanges(api, await schemaOf(table, columns), columns, from)),
    get: (table, id, columns) =>
      guarded(async () => getRow(api, await schemaOf(table, columns), id, columns)),
    getMany: (table, ids, columns) =>
      guarded(async () => getRows(api, await schemaOf(table, columns), ids, columns)),
    findBy: (table, criteria, columns, spelling) =>
      guarded(async () => {
        const named = criteria.flatMap((each) => Object.keys(each));
        return findRows(api, await schemaOf(table, [...columns, ...named]), criteria, columns, spelling);
      }),
    search: (table, text, options) =>
      guarded(async () => {
        const schema = await schemaOf(table, [...options.in, ...options.columns]);
        return searchRows(api, schema, text, options);
      }),
    create: (table, id, values, columns, latest) =>
      guarded(async () => createRow(await writeScope(table, id, columns), values, latest)),
    update: (table, id, etag, values, columns) =>
      guarded(async () => updateRow(await writeScope(table, id, columns), etag, values)),
    remove: (table, id, etag) => guarded(async () => removeRow(await writeScope(table, id, []), etag)),
    alone: sendingAlone,
    hasDependents: (table, id) => guarded(() => hasDependents(api, table, id)),
    clockOffset: () => api.clockOffset(),
  };
}

/** Who we are and in which organization (*WhoAmI function*); read anew each time, since environments are copied. */
export async function readIdentity(api: DataverseApi): Promise<DynamicsIdentity> {
  const { OrganizationId, UserId } = parse(whoAmISchema, await whoAmI(api), 'WhoAmI');
  return { organizationId: OrganizationId.toLowerCase(), userId: UserId.toLowerCase() };
}

async function whoAmI(api: DataverseApi): Promise<unknown> {
  try {
    const answer = await api.send({
      method: 'GET',
      path: 'WhoAmI',
      safe: true,
      timeoutMs: PROBE_DEADLINE_MS,
    });
    return parseJson(answer);
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    const fault = faultOf(error.failure);
    // Dynamics answers for names that belong to no environment, too, but not as the Web API does.
    const isNoWebApi =
      fault !== undefined && fault.code === '' && [301, 302, 307, 308, 404].includes(fault.status);
    if (isNoWebApi) throw bridgeError('environment_not_found', 'There is no environment under this name.');
    throw systemError(error);
  }
}

const CASCADING: ReadonlySet<string> = new Set(['account', 'contact']);

/** Deleting an account, or a contact, takes the contacts along whose parent it is. */
async function hasDependents(api: DataverseApi, table: string, id: string): Promise<boolean> {
  if (!CASCADING.has(table) || !isGuid(id)) return false;
  const options = { $select: 'contactid', $filter: `_parentcustomerid_value eq ${id}`, $top: '1' };
  return anyRow(api, `contacts${query(options)}`);
}
