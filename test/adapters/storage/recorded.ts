import { readFileSync } from 'node:fs';
import { readFacts } from '../../../src/adapters/storage/run-facts.js';
import type { Row, TableName } from '../../../src/adapters/storage/table.js';
import { readHeld } from '../../../src/adapters/storage/todo-rows.js';
import type { HeldChange } from '../../../src/application/ports/staging.js';
import type { Run } from '../../../src/domain/run.js';

/**
 * Rows and messages that version 0.1.0 wrote at commit 1255062 while it ran on the local stack: a first full sync, edits
 * on both sides by event and webhook, a record that Dynamics refused, an outage, a deleted contact, a run that the
 * mass-delete guard held (here in the middle of its comparing), the erasing of a connection. Read from the emulator with
 * the SDK; only the addresses of the local stack were replaced. Never edit or make them anew: they stand for data of
 * deployments.
 */
interface Recording {
  readonly rows: readonly { readonly name: string; readonly table: TableName; readonly row: Row }[];
  /** `text` as the worker got it. */
  readonly messages: readonly { readonly queue: string; readonly text: string }[];
}

export const recording = JSON.parse(
  readFileSync(new URL('recorded-v1.json', import.meta.url), 'utf8'),
) as Recording;

export function recordedRow(name: string): Row {
  const found = recording.rows.find((each) => each.name === name);
  if (found === undefined) throw new Error(`No recorded row is called "${name}".`);
  return found.row;
}

/** JSON of a recorded row. */
export function recordedJson<T>(name: string, column = 'data'): T {
  return JSON.parse(String(recordedRow(name)[column])) as T;
}

/** A recorded run as the application gets it. */
export function recordedRun(name: string): Run {
  const run = recordedJson<Run & { cursor: { facts: Record<string, string> } }>(name);
  return { ...run, cursor: { ...run.cursor, facts: readFacts(run.cursor.facts) } };
}

/** The same of a held change. */
export function recordedHeld(name: string): HeldChange {
  return readHeld(recordedJson(name));
}
