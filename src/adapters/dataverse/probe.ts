import { randomUUID } from 'node:crypto';
import { PROBE_DEADLINE_MS, parseJson } from '../http/client.js';
import { HttpFailure } from '../http/failure.js';
import type { DataverseApi } from './api.js';
import { faultOf } from './error-body.js';
import { bridgeError, systemError } from './faults.js';
import { query, rowPath } from './odata.js';

/** The calls by which a connection test finds out what the application may do; each throws `BridgeError`. */

const NO_SUCH_ROW = '0x80040217';
const NO_TRACKING = '0x80072491';

export async function probeRead(api: DataverseApi): Promise<void> {
  await api.read(`contacts${query({ $select: 'contactid', $top: '1' })}`, { timeoutMs: PROBE_DEADLINE_MS });
}

/** Updates a row that cannot exist: privileges are checked first, so "no such row" means "allowed". */
export async function probeWrite(api: DataverseApi): Promise<void> {
  try {
    await api.send({
      method: 'PATCH',
      path: rowPath('contacts', randomUUID()),
      headers: { 'If-Match': '*' },
      body: { jobtitle: null },
      safe: true,
      timeoutMs: PROBE_DEADLINE_MS,
    });
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    const fault = faultOf(error.failure);
    if (fault?.status === 404 && fault.code === NO_SUCH_ROW) return;
    throw systemError(error);
  }
}

/** Reads one row of each table with change tracking, which also needs read access to the whole organization. */
export async function probeTracking(api: DataverseApi): Promise<void> {
  for (const [table, path] of [
    ['contact', 'contacts?$select=contactid'],
    ['account', 'accounts?$select=accountid'],
  ] as const) {
    try {
      const prefer = ['odata.track-changes', 'odata.maxpagesize=1'];
      parseJson(await api.send({ method: 'GET', path, prefer, safe: true, timeoutMs: PROBE_DEADLINE_MS }));
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      throw trackingError(error, table);
    }
  }
}

function trackingError(error: HttpFailure, table: string) {
  if (faultOf(error.failure)?.code === NO_TRACKING) {
    return bridgeError('dynamics_error', `Change tracking is not enabled for the table \`${table}\`.`, {
      hint: `Enable change tracking in the properties of the table \`${table}\`. Without it incremental runs read the table by time of modification, and only full runs find deletes.`,
    });
  }
  const general = systemError(error);
  if (general.code !== 'access_denied') return general;
  return bridgeError(
    'access_denied',
    `The changes of the table \`${table}\` may not be read: ${general.message}`,
  );
}
