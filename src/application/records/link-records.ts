import { BridgeError } from '../../domain/errors.js';
import type { ResolvedMapping } from '../../domain/fields.js';
import { evaluate } from '../../domain/filter.js';
import type { Link } from '../../domain/link.js';
import { isOwnUser } from '../../domain/match.js';
import type { AuthScapeRecord, DynamicsRow } from '../../domain/records.js';
import { requireConnection } from '../connections/manage-connections.js';
import { requireMapping } from '../mappings/save-mapping.js';
import type { EngineDeps } from '../shared/engine-deps.js';
import { openContext } from '../sync/context/open-context.js';
import { settleProblems } from '../sync/context/record-problems.js';
import { forMapping, type MappingContext, type PairResult } from '../sync/context/sync-context.js';
import { endTombstones } from '../sync/links/insert-link.js';
import { joinPair } from '../sync/pairing/link-pair.js';
import { inTime, type OneRecordResult, recordBusy, resultOf } from './sync-one-record.js';

export interface LinkRequest {
  readonly mappingId: string;
  readonly authScapeId: string;
  readonly crmId: string;
}

export interface LinkedByHand {
  /** Missing in a preview. */
  readonly link: Link | undefined;
  readonly mapping: ResolvedMapping['mapping'];
  readonly result: OneRecordResult;
}

const BY_HAND = { runId: null, trigger: 'record', fullRun: false } as const;

/**
 * A person says that two records belong together: they are linked and merged for the first time; earlier tombstones of
 * the two end. `preview`: what that would write, without linking. Throws `record_not_found`, `record_already_linked`,
 * `link_not_allowed`, `record_busy`.
 */
export const linkRecords = (deps: EngineDeps) => {
  const link = async (
    connectionId: string,
    request: LinkRequest,
    { preview }: { readonly preview: boolean },
  ): Promise<LinkedByHand> => {
    const { value: mapping } = await requireMapping(deps, connectionId, request.mappingId);
    const { value: connection } = await requireConnection(deps, connectionId);
    if (!connection.enabled) throw new BridgeError('connection_disabled', 'The connection is switched off.');
    if (!mapping.enabled) throw notAllowed('The mapping is switched off.');
    const context = await openContext(deps, connectionId, { ...BY_HAND, dryRun: preview });
    const resolved = context.mappings.find((one) => one.mapping.id === mapping.id);
    if (resolved === undefined) throw notAllowed('The mapping is switched off.');
    const { authScapeId } = request;
    const crmId = request.crmId.toLowerCase();
    await demandFree(forMapping(context, resolved), authScapeId, crmId);
    const { a, d } = await readBoth(forMapping(context, resolved), authScapeId, crmId);
    demandAllowed(forMapping(context, resolved), a, d);
    if (!preview) await endTombstones(forMapping(context, resolved), a.id, d.id);
    const result = await joinPair(forMapping(context, resolved), a, d);
    return told(deps, forMapping(context, resolved), { authScapeId: a.id, crmId: d.id, result });
  };
  return (connectionId: string, request: LinkRequest, options: { readonly preview: boolean }) =>
    inTime(deps, () => link(connectionId, request, options));
};

async function told(
  deps: EngineDeps,
  context: MappingContext,
  pair: { readonly authScapeId: string; readonly crmId: string; readonly result: PairResult },
): Promise<LinkedByHand> {
  const { mapping } = context.resolved;
  const one = { ...pair, mappingId: mapping.id };
  const result = resultOf(deps, context.connection.id, one);
  if (context.dryRun) return { link: undefined, mapping, result };
  const stored = await context.links.get(context.connection.id, mapping.id, pair.authScapeId);
  if (stored?.value.state !== 'linked' || stored.value.crmId !== pair.crmId) throw alreadyLinked();
  await settleProblems(context, [one]);
  return { link: stored.value, mapping, result };
}

/** Before any tombstone ends: what is refused leaves all as it was. */
async function demandFree(
  { clock, connection, links, resolved: { mapping } }: MappingContext,
  authScapeId: string,
  crmId: string,
): Promise<void> {
  const own = await links.get(connection.id, mapping.id, authScapeId);
  if (own?.value.state === 'linked') throw alreadyLinked('The AuthScape record');
  const owner = (await links.rowOwnersOf(connection.id, mapping.crmEntity, [crmId])).get(crmId);
  const holder = owner && (await links.get(connection.id, owner.mappingId, owner.authScapeId));
  if (holder?.value.state === 'linked') throw alreadyLinked('The Dynamics row');
  const creation = await links.pendingCreationOf(connection.id, { table: mapping.crmEntity, crmId });
  if (creation !== undefined && creation.until > clock.now()) throw recordBusy(creation.until - clock.now());
}

function alreadyLinked(who = 'One of the records'): BridgeError {
  return new BridgeError('record_already_linked', `${who} has a partner already.`, {
    hint: 'Unlink that pair first.',
  });
}

async function readBoth(
  context: MappingContext,
  authScapeId: string,
  crmId: string,
): Promise<{ a: AuthScapeRecord; d: DynamicsRow }> {
  const { mapping, keys, columns } = context.resolved;
  const [a, d] = await Promise.all([
    context.authScape.get(mapping.authScapeEntity, authScapeId, keys),
    context.dynamics.get(mapping.crmEntity, crmId, columns),
  ]);
  if (a === undefined) {
    throw new BridgeError(
      'record_not_found',
      `AuthScape has no ${mapping.authScapeEntity} with the id "${authScapeId}".`,
    );
  }
  if (d === undefined) {
    throw new BridgeError('record_not_found', `Dynamics has no row "${crmId}" in ${mapping.crmEntity}.`);
  }
  return { a, d };
}

function demandAllowed(context: MappingContext, a: AuthScapeRecord, d: DynamicsRow): void {
  const { resolved } = context;
  if (resolved.direction === 'none') {
    throw notAllowed('The directions of the connection and of the mapping exclude each other.');
  }
  if (isOwnUser(context, resolved, a.id)) {
    throw notAllowed('The user that the service signs in as is not synced.');
  }
  if (d.mergedInto !== null) {
    throw notAllowed('The row was merged into another one in Dynamics.', 'Link the surviving row.');
  }
  if (resolved.filter !== null && !evaluate(resolved.filter, d.values)) {
    throw notAllowed(
      'The row does not pass the filter of the mapping.',
      'Change the row in Dynamics, or the filter of the mapping.',
    );
  }
}

function notAllowed(message: string, hint?: string): BridgeError {
  return new BridgeError('link_not_allowed', message, hint === undefined ? {} : { hint });
}
