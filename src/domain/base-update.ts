import { createHash } from 'node:crypto';
import type { ResolvedField } from './fields.js';
import { type BaseEntry, type Plan, type PlannedField, REMOVAL_FIELD, type Repeat } from './link.js';
import type { FieldWrite } from './merge.js';
import type { Side } from './model.js';
import { baseForm, canonical, type FieldValue, type FieldValues } from './values.js';

/**
 * How the base moves after a write. It is moved only to what was *sent*, never to what a read-back happens to show:
 * a person's edit between our write and the read would otherwise become agreed without ever reaching the other side.
 */
export interface Settled {
  readonly entry: BaseEntry | undefined;
  /** The other system took the request and kept its old value. */
  readonly ignored: boolean;
  /** The shown value is the sent one (or known as the server's form of it). */
  readonly agreed: boolean;
}

export function baseAfterWrite(
  write: Pick<FieldWrite, 'field' | 'side' | 'old' | 'value' | 'from'>,
  shown: FieldValue | undefined,
  before: BaseEntry | undefined,
): Settled {
  const { field, side } = write;
  const comparison = side === 'dynamics' ? field.dComparison : field.aComparison;
  const otherComparison = side === 'dynamics' ? field.aComparison : field.dComparison;
  const sent = baseForm(write.value, comparison);
  const seen = baseForm(shown, comparison);
  const from = baseForm(write.from, otherComparison);
  const known = before?.sig === field.signature ? before.form : undefined;
  if (seen === sent) return { entry: entryOf(field, side, from, sent), ignored: false, agreed: true };
  if (known?.side === side && known.sent === sent && known.shown === seen) {
    return { entry: entryOf(field, side, from, seen), ignored: false, agreed: true };
  }
  if (seen === baseForm(write.old, comparison)) return { entry: before, ignored: true, agreed: false };
  return {
    entry: { ...entryOf(field, side, from, sent), form: { side, sent, shown: seen } },
    ignored: false,
    agreed: false,
  };
}

function entryOf(
  field: ResolvedField,
  side: 'authScape' | 'dynamics',
  from: FieldValue,
  to: FieldValue,
): BaseEntry {
  return side === 'dynamics'
    ? { a: from, d: to, sig: field.signature }
    : { a: to, d: from, sig: field.signature };
}

/** The stored form of the writes that are about to be made. */
export function planOf(writes: readonly FieldWrite[]): readonly PlannedField[] {
  return writes.map((write) => {
    const target = write.side === 'dynamics' ? write.field.dComparison : write.field.aComparison;
    const source = write.side === 'dynamics' ? write.field.aComparison : write.field.dComparison;
    const old = baseForm(write.old, target);
    return {
      fieldId: write.field.id,
      side: write.side,
      from: baseForm(write.from, source),
      to: baseForm(write.value, target),
      old,
      ...(canonical(write.old, target) === old ? {} : { oldText: write.old }),
      rule: write.rule,
      name: write.side === 'dynamics' ? write.field.column : write.field.aName,
      sig: write.field.signature,
    };
  });
}

/**
 * Resolves a plan that another worker left behind: for each field that shows the planned value, the write did take effect and
 * the base moves to it, unless the field has another column, transform or lookup target since: it was never merged under
 * those. The others are merged as if nothing had been planned. `uncertain` are those that show neither the planned value
 * nor the one before, and those whose field left the mapping: another writer wrote since, perhaps over ours, so that what
 * ours replaced must be told. `open` are those that show the value before: the write has not taken effect, yet.
 */
export function resolvePlan(
  plan: Plan,
  fields: readonly ResolvedField[],
  base: Readonly<Record<string, BaseEntry>>,
  { a, d }: { readonly a: FieldValues; readonly d: FieldValues },
): {
  base: Readonly<Record<string, BaseEntry>>;
  arrived: readonly PlannedField[];
  uncertain: readonly PlannedField[];
  open: readonly PlannedField[];
} {
  const next: Record<string, BaseEntry> = { ...base, ...afterRemoval(plan, fields) };
  const arrived: PlannedField[] = [];
  const uncertain: PlannedField[] = [];
  const open: PlannedField[] = [];
  for (const planned of plan.fields) {
    const field = fields.find((candidate) => candidate.id === planned.fieldId);
    if (field === undefined) {
      // The field left the mapping: nothing shows whether it was written.
      if (planned.fieldId !== REMOVAL_FIELD) uncertain.push(planned);
      continue;
    }
    const shown = shownNow(field, planned.side, { a, d });
    if (!showsPlanned(planned, shown, next[field.id])) {
      (shown === planned.old ? open : uncertain).push(planned);
      continue;
    }
    arrived.push(planned);
    if ((planned.sig ?? field.signature) !== field.signature) continue;
    next[field.id] = entryOf(field, planned.side, planned.from, shown);
  }
  return { base: next, arrived, uncertain, open };
}

/** What the field shows on that side, base form. */
function shownNow(
  field: ResolvedField,
  side: Side,
  { a, d }: { readonly a: FieldValues; readonly d: FieldValues },
): FieldValue {
  return side === 'dynamics'
    ? baseForm(d[field.column], field.dComparison)
    : baseForm(a[field.aKey], field.aComparison);
}

/** Whether this is the planned value, or the form that the server is known to give it. */
function showsPlanned(planned: PlannedField, shown: FieldValue, entry: BaseEntry | undefined): boolean {
  const form = entry?.form;
  const isServerForm =
    form?.side === planned.side && form.sent === planned.to && form.shown === shown && shown !== planned.old;
  return shown === planned.to || isServerForm;
}

/**
 * A worker died between the delete policy's act and the tombstone, and now both records are there: the survivor is
 * perhaps inactive by our doing. With "inactive" as the base of both sides the record that came back decides.
 */
function afterRemoval(plan: Plan, fields: readonly ResolvedField[]): Record<string, BaseEntry> {
  const state = fields.find((field) => field.isState);
  if (state === undefined || !plan.fields.some(({ fieldId }) => fieldId === REMOVAL_FIELD)) return {};
  const a = baseForm(state.aName === 'isDeactivated', state.aComparison);
  return { [state.id]: { a, d: baseForm(1, state.dComparison), sig: state.signature } };
}

export const OSCILLATION_LIMIT = 5;
const HOUR = 3_600_000;

/** Entries that a link keeps at most; the rarest and oldest go first. */
const MOST_REPEATS = 20;

type Repeats = Readonly<Record<string, Repeat>>;

/** Would this be the fifth equal write within the hour, or does the value rest already? `key` names field and side. */
export function oscillates(repeats: Repeats, key: string, value: FieldValue, now: number): boolean {
  const before = repeats[repeatName(key, value)];
  if (before === undefined) return false;
  return before.resting === true || (now - before.since < HOUR && before.count + 1 >= OSCILLATION_LIMIT);
}

/** The value rests from now on. */
export function withRest(repeats: Repeats, key: string, value: FieldValue, now: number): Repeats {
  const name = repeatName(key, value);
  const before = repeats[name] ?? { value, count: 0, since: now };
  return { ...others(repeats, name, now), [name]: { ...before, resting: true } };
}

/** Counts a write that took effect, with others between it and the last equal one, too. */
export function countRepeat(repeats: Repeats, key: string, value: FieldValue, now: number): Repeats {
  const name = repeatName(key, value);
  const before = repeats[name];
  const continues = before !== undefined && now - before.since < HOUR;
  const next: Repeat = continues ? { ...before, count: before.count + 1 } : { value, count: 1, since: now };
  return { ...others(repeats, name, now), [name]: next };
}

function repeatName(key: string, value: FieldValue): string {
  return `${key}|${createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)}`;
}

function others(repeats: Repeats, name: string, now: number): Repeats {
  const rank = ({ resting, count }: Repeat) => (resting === true ? OSCILLATION_LIMIT : count);
  const kept = Object.entries(repeats)
    .filter(([other, repeat]) => other !== name && (repeat.resting === true || now - repeat.since < HOUR))
    .sort(([, one], [, two]) => rank(two) - rank(one) || two.since - one.since);
  return Object.fromEntries(kept.slice(0, MOST_REPEATS - 1));
}
