import type { Link } from '../../../domain/link.js';
import { missedAt, missedEventsMessage, noEventSince } from '../../../domain/missed-events.js';
import type { RunFacts } from '../../../domain/run-facts.js';
import type { StagedRecord } from '../../ports/staging.js';
import { atBase } from '../../sync/context/sync-context.js';
import type { UnitInput } from './unit.js';

/** Takes note of a linked row that Dynamics has changed and no event has brought. Our own writes stand at the base. */
export function noteMissedEdit(input: UnitInput, link: Link, row: StagedRecord | undefined): void {
  if (row === undefined || row.deleted || !link.clean || link.plan !== null) return;
  if (link.mappingVersion !== input.resolved.mapping.version) return;
  if (!atBase(input.resolved.fields, link.base, null, row.values)) noteMissed(input, row);
}

/** Takes note of a row whose change this run had to bring. */
export function noteMissed(input: UnitInput, row: { modifiedOn: string | null; readAt: number }): void {
  const at = missedAt(row);
  if (at !== null) input.tally.missed(at);
}

/** The newest such change, for the end of the run. */
export function missedFacts(input: UnitInput): RunFacts {
  const newest = input.tally.newestMissed;
  return newest > 0 ? { missedAt: newest } : {};
}

function missedOf({ run }: UnitInput): number {
  return run.cursor.facts.missedAt ?? 0;
}

/** Messages about a registered webhook that should have told of what this run had to find by itself. */
export async function reportMissedEvents(input: UnitInput): Promise<readonly string[]> {
  const { deps, run, context } = input;
  const missed = missedOf(input);
  if (missed === 0) return [];
  const registration = await deps.webhooks.get(run.connectionId);
  if (registration === undefined || registration.endpointId === null) return [];
  const state = await deps.connections.getState(run.connectionId);
  const since = noEventSince(missed, registration.registeredAt, state);
  if (since === null) return [];
  if (!context.dryRun) {
    const noticedAt = new Date(deps.clock.now()).toISOString();
    await deps.connections.updateState(run.connectionId, (current) => ({
      ...current,
      webhookSilence: { since, noticedAt },
    }));
  }
  return [missedEventsMessage(since)];
}
