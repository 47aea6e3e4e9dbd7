/**
 * Pairs of which nothing is due but lookups whose target has no partner. What was seen of them is kept with the link, so
 * that they are looked at again only when a record or the partner of a target has changed.
 */
import { createHash } from 'node:crypto';
import { pointsElsewhere, type ResolvedField, withLookups } from '../../../domain/fields.js';
import type { Link } from '../../../domain/link.js';
import type { FieldValue } from '../../../domain/values.js';
import type { WaitingLookup, Waits } from '../../../domain/waits.js';
import {
  changeOf,
  fullHash,
  listHash,
  type MappingContext,
  NOTHING,
  type PairRef,
  type PairResult,
  pairRef,
} from '../context/sync-context.js';
import type { PairWork } from './pair-work.js';
import { resolveLookupsOf } from './resolve-lookups.js';

/** Null where more is due of the pair than what waits, or where the records could not be told from changed ones. */
export function waitsOf(context: MappingContext, work: PairWork): Omit<Waits, 'at'> | null {
  const { merge, read } = work;
  const { a, d } = read;
  const isAll =
    merge.writes.length === 0 &&
    merge.kept.length === 0 &&
    work.errors.length === 0 &&
    work.met === null &&
    work.openPlan === null;
  if (merge.waiting.length === 0 || !isAll || !a.complete || d.etag === null) return null;
  return {
    runId: context.runId,
    rules: rulesOf(context),
    aHash: listHash(context.resolved, a.values),
    fullHash: fullHash(context.resolved, a.values),
    dVersion: d.etag,
    lookups: work.fields
      .filter(({ id }) => merge.waiting.includes(id))
      .map((field) => lookupOf(field, a.values[field.aKey] ?? null, d.values[field.column] ?? null)),
  };
}

/** What is kept of a pair that waits, where it still says something: nothing of the link or of the rules has changed. */
export function knownWaits(context: MappingContext, link: Link): Waits | null {
  const { waits = null, mappingVersion } = link;
  const isTouched = link.plan !== null || link.claim !== null || link.missing !== null || link.clean;
  if (waits === null || isTouched || link.failure || link.state !== 'linked') return null;
  const isSame = waits.at === link.changedAt && mappingVersion === context.resolved.mapping.version;
  return isSame && waits.rules === rulesOf(context) ? waits : null;
}

/** Of pairs whose records have not changed: those that still wait, by A id, with what to say of each. */
export async function stillWaiting(
  context: MappingContext,
  links: readonly Link[],
): Promise<ReadonlyMap<string, PairResult>> {
  const fields = await fieldsNow(context, links);
  return new Map(
    links.flatMap((link) => {
      const waits = knownWaits(context, link);
      const due = waits?.lookups.map((known) => ({ known, field: fields.get(known.fieldId) })) ?? [];
      const isSame = due.every(({ field, known }) => field !== undefined && isStill(field, known));
      if (due.length === 0 || !isSame) return [];
      const waiting = due.flatMap(({ field, known }) => (field === undefined ? [] : { field, d: known.d }));
      const changes = [waitingSkip(context, pairRef(link), waiting)];
      return [[link.authScapeId, { ...NOTHING, outcome: 'skipped', changes }] as const];
    }),
  );
}

/** The pair of an event that was looked at before and found waiting; null where it is to be looked at anew. */
export async function waitsAsBefore(
  context: MappingContext,
  link: Link | undefined,
): Promise<PairResult | null> {
  if (context.waited !== true || link === undefined) return null;
  const found = (await stillWaiting(context, [link])).get(link.authScapeId);
  return found === undefined ? null : { ...found, changes: [], waiting: true };
}

/** The fields with the targets of all these pairs as they are linked by now; none is made here. */
async function fieldsNow(
  context: MappingContext,
  links: readonly Link[],
): Promise<ReadonlyMap<string, ResolvedField>> {
  const { fields } = context.resolved;
  const records = (side: 'a' | 'd') =>
    links.flatMap(({ waits }) =>
      (waits?.lookups ?? []).flatMap((known) => {
        const field = fields.find(({ id }) => id === known.fieldId);
        if (field === undefined) return [];
        return { values: { [side === 'a' ? field.aKey : field.column]: known[side] } };
      }),
    );
  const lookups = await resolveLookupsOf({ ...context, syncRelated: null }, records('a'), records('d'));
  return new Map(withLookups(fields, lookups).map((field) => [field.id, field]));
}

function isStill(field: ResolvedField, known: WaitingLookup): boolean {
  const now = lookupOf(field, known.a, known.d);
  return now.toDynamics === known.toDynamics && now.toAuthScape === known.toAuthScape;
}

function lookupOf(field: ResolvedField, a: FieldValue, d: FieldValue): WaitingLookup {
  const [toDynamics, toAuthScape] = [field.converter.toDynamics(a, {}), field.converter.toAuthScape(d)];
  return {
    ...{ fieldId: field.id, a, d },
    toDynamics: toDynamics.ok ? toDynamics.value : null,
    toAuthScape: toAuthScape.ok ? toAuthScape.value : null,
  };
}

function rulesOf({ connection, resolved }: MappingContext): string {
  const directions = resolved.fields.map(({ direction, id }) => [id, direction]);
  return createHash('sha256')
    .update(JSON.stringify([connection.conflictPolicy, directions]))
    .digest('hex')
    .slice(0, 16);
}

/** Says that a pair is passed over although something is due. */
export function waitingSkip(
  { resolved }: MappingContext,
  pair: PairRef,
  due: readonly { readonly field: ResolvedField; readonly d: FieldValue }[],
) {
  const names = due.map(({ field }) => field.aName);
  const isElsewhere = due.every(({ field, d }) => pointsElsewhere(field, d));
  return changeOf(resolved, pair, {
    side: null,
    action: 'none',
    outcome: 'skipped',
    error: {
      code: 'waiting_for_related',
      message: isElsewhere
        ? `${names.join(', ')} cannot point to a row of the table that Dynamics names.`
        : `The record that ${names.join(', ')} points to has no partner yet.`,
    },
  });
}
