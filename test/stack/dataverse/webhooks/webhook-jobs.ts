import type { PostResult } from '../../posting.js';
import type { Environment } from '../environment.js';
import type { Scalar } from '../tables/schema.js';
import type { Notification } from './webhook-body.js';

const COMPLETED = 3;
const SUCCEEDED = 30;
const FAILED = 31;

/** The System Job of a notification: failures stay, successes only where the step keeps them. */
export function recordJob(
  environment: Environment,
  { event, step, operationId, createdAt }: Notification,
  failure: PostResult | undefined,
  attempts: number,
): void {
  if (failure === undefined && step.values.asyncautodelete === true) {
    return;
  }
  const { code, words } = failure === undefined ? { code: null, words: null } : explained(failure);
  const version = environment.nextVersion();
  const now = environment.timestamp();
  const values: Record<string, Scalar> = {
    asyncoperationid: operationId,
    name: step.values.name ?? null,
    statecode: COMPLETED,
    statuscode: failure === undefined ? SUCCEEDED : FAILED,
    operationtype: 1,
    messagename: event.message,
    primaryentitytype: event.table.name,
    errorcode: code,
    message: words,
    friendlymessage: words,
    retrycount: attempts - 1,
    depth: 1,
    correlationid: event.origin.correlationId,
    requestid: event.origin.requestId,
    createdon: `${new Date(createdAt).toISOString().slice(0, 19)}Z`,
    startedon: now,
    completedon: now,
    modifiedon: now,
    versionnumber: version,
    _owningextensionid_value: step.id,
  };
  const lookups = { _owningextensionid_value: 'sdkmessageprocessingstep' };
  environment.table('asyncoperation').put({ id: operationId, version, values, lookups }, environment.undo);
}

/** Error codes are stored as signed numbers. */
function explained(failure: PostResult): { code: number; words: string } {
  if ('status' in failure) {
    return { code: 0x80050201 | 0, words: `The webhook call failed with the status ${failure.status}.` };
  }
  return failure.failed === 'timeout'
    ? { code: 0x80050202 | 0, words: `The webhook call failed: ${failure.reason}.` }
    : { code: 0x80050205 | 0, words: `The webhook call could not be posted: ${failure.reason}.` };
}
