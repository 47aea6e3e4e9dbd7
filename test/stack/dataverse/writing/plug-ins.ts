import { randomUUID } from 'node:crypto';
import type { Call } from '../call.js';
import type { ApplicationUser, Environment } from '../environment.js';
import { DataverseError } from '../errors.js';
import type { Scalar, TableDefinition } from '../tables/schema.js';
import type { Row, TableStore } from '../tables/table-store.js';
import { bypassedLogic, type Message } from '../webhooks/events.js';
import type { Change } from './payload.js';
import { updateRow } from './row-writer.js';

/** What a plug-in is about: the writes of a table, or only some of them. */
interface Step {
  table: string;
  /** Messages; all when left out. */
  on?: readonly Message[];
  row?: string;
  /** Values that the row has after the write. */
  where?: Readonly<Record<string, Scalar>>;
  /** Columns of which the request includes at least one. */
  columns?: readonly string[];
  /** How often it acts; for ever when left out. */
  times?: number;
}

/** Alters what was sent before it is stored. */
export interface AlteringPlugIn {
  table: string;
  column: string;
  to: 'uppercase' | 'ignore' | 'append';
  text?: string;
}

export type Throw = 'refuse' | 'crash' | 'missing' | 'timeout';

/** Ends a write with an error; nothing of it is stored. */
export interface ThrowingPlugIn extends Step {
  throws: Throw;
  status?: number;
  code?: string;
  message?: string;
}

/** Changes the written row: within the write, or so many milliseconds after it as another user. */
export interface FollowingPlugIn extends Step {
  sets: Readonly<Record<string, Scalar>>;
  afterMs?: number;
}

export type PlugIn = AlteringPlugIn | ThrowingPlugIn | FollowingPlugIn;

const isvCode = 'An unexpected error occurred from ISV code. (ErrorType = ClientError)';
const plugInType = 'Contoso.Crm.Plugins.ContactGuard';

const ANSWERS: Record<Throw, () => { status: number; code: string; message: string }> = {
  refuse: () => ({
    status: 400,
    code: '0x80040265',
    message: 'The record is locked by the nightly credit check.',
  }),
  crash: () => ({
    status: 500,
    code: '0x80040224',
    message: `${isvCode} Unexpected exception from plug-in (Execute): ${plugInType}: System.NullReferenceException: Object reference not set to an instance of an object.`,
  }),
  missing: () => ({
    status: 404,
    code: '0x80040217',
    message: `systemuser With Id = ${randomUUID()} Does Not Exist`,
  }),
  timeout: () => ({
    status: 500,
    code: '0x8004418d',
    message: `The plug-in execution failed because the operation has timed-out at the Sandbox Host. System.TimeoutException: plug-in ${plugInType}`,
  }),
};

/** Alters the values of a change, as plug-ins before the write do. */
export function alterChange(environment: Environment, table: TableDefinition, change: Change): void {
  for (const plugIn of environment.plugIns) {
    if (!('to' in plugIn)) {
      continue;
    }
    const value = change.values.get(plugIn.column);
    if (plugIn.table !== table.name || value === undefined) {
      continue;
    }
    if (plugIn.to === 'ignore') {
      change.values.delete(plugIn.column);
    } else if (typeof value === 'string') {
      const text = plugIn.to === 'uppercase' ? value.toUpperCase() : `${value}${plugIn.text ?? ''}`;
      change.values.set(plugIn.column, text);
    }
  }
}

/** One write as plug-ins see it. */
export interface Written {
  message: Message;
  store: TableStore;
  row: Row;
  /** Names of the properties that the request included. */
  sent: Iterable<string>;
}

/**
 * Runs the plug-ins around a write that was just done, within its transaction: those that throw undo it. Returns the
 * row as they leave it.
 */
export function runPlugIns(call: Pick<Call, 'environment' | 'user' | 'headers'>, written: Written): Row {
  const { environment, user } = call;
  if (environment.plugIns.length === 0 || isBypassed(call)) {
    return written.row;
  }
  const acting = environment.plugIns.filter((plugIn) => !('to' in plugIn) && concerns(plugIn, written));
  let row = written.row;
  for (const plugIn of acting) {
    if ('throws' in plugIn) {
      countDown(environment, plugIn);
      throw thrown(plugIn);
    }
    if ('sets' in plugIn && written.message !== 'Delete') {
      countDown(environment, plugIn);
      row = follow(environment, user, written.store, row, plugIn);
    }
  }
  return row;
}

function isBypassed({ headers }: Pick<Call, 'headers'>): boolean {
  return (
    bypassedLogic(headers).includes('customsync') ||
    headers['mscrm.bypasscustompluginexecution']?.toLowerCase() === 'true'
  );
}

function concerns(plugIn: Step, { message, store, row, sent }: Written): boolean {
  const { definition } = store;
  const names = new Set([...sent].map((property) => definition.byProperty.get(property)?.name ?? property));
  return (
    plugIn.table === definition.name &&
    (plugIn.on?.includes(message) ?? true) &&
    (plugIn.row === undefined || plugIn.row.toLowerCase() === row.id) &&
    (plugIn.columns?.some((name) => names.has(name)) ?? true) &&
    Object.entries(plugIn.where ?? {}).every(([name, wanted]) => (row.values[name] ?? null) === wanted)
  );
}

function countDown(environment: Environment, plugIn: Step): void {
  if (plugIn.times !== undefined) {
    plugIn.times -= 1;
    environment.plugIns = environment.plugIns.filter((other) => !('times' in other) || other.times !== 0);
  }
}

function thrown({ throws, status, code, message }: ThrowingPlugIn): DataverseError {
  const usual = ANSWERS[throws]();
  return new DataverseError(status ?? usual.status, code ?? usual.code, message ?? usual.message);
}

function follow(
  environment: Environment,
  user: ApplicationUser,
  store: TableStore,
  row: Row,
  { sets, afterMs = 0 }: FollowingPlugIn,
): Row {
  const change = { id: undefined, values: new Map(Object.entries(sets)), lookups: new Map<string, string>() };
  if (afterMs === 0) {
    return updateRow(environment, user, store, row, change);
  }
  const late = () => {
    const present = store.get(row.id);
    if (present !== undefined) {
      environment.atomically(() => updateRow(environment, environment.importer, store, present, change));
    }
  };
  setTimeout(late, afterMs).unref();
  return row;
}
