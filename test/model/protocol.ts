import type { Happening } from './oracle.js';
import type { Random } from './random.js';

/**
 * The write protocol alone, without any of the product's code: one pair, two fields, workers that may stop or die
 * between any two effects, people on both sides, and a server that gives one field a form of its own. It says which
 * steps the protocol needs: with one of them left out (`Flaw`) the oracle finds histories that go wrong.
 */
export type Flaw =
  | 'none'
  | 'readBackIsBase'
  | 'noPlan'
  | 'noClaim'
  | 'noEtag'
  | 'noFreshRead'
  | 'unloggedConflict';

export const FIELDS = ['plain', 'formed'] as const;
type Field = (typeof FIELDS)[number];
type Values = Record<Field, string>;

interface Planned {
  readonly field: Field;
  readonly side: 'authScape' | 'dynamics';
  readonly from: string;
  readonly to: string;
  readonly old: string;
}

interface LinkRow {
  readonly a: Values;
  readonly d: Values;
  readonly plan: readonly Planned[];
  readonly claimedBy: number;
  readonly claimUntil: number;
  /** Form that the server gave to what was sent, by field. */
  readonly forms: Partial<Record<Field, { sent: string; shown: string }>>;
  readonly version: number;
}

export interface World {
  a: Values;
  d: Values;
  dVersion: number;
  link: LinkRow;
  now: number;
  edits: number;
  writes: number;
  readonly flaw: Flaw;
  readonly happenings: Happening[];
  readonly logged: Set<string>;
}

const CLAIM = 14;
const WRITE_TIMEOUT = 3;

const formOf = (field: Field, value: string): string =>
  field === 'plain' || value.endsWith('~') ? value : `${value}~`;
export const holdSame = (a: string, d: string): boolean => a === d;

function note(world: World, side: Happening['side'], field: Field, to: string, by: Happening['by']): void {
  const values = side === 'authScape' ? world.a : world.d;
  if (values[field] === to) return;
  world.happenings.push({ side, field, from: values[field], to, by });
  values[field] = to;
}

export function edit(world: World, random: Random): void {
  world.edits += 1;
  const field = random.pick(FIELDS);
  if (random.chance(0.5)) {
    note(world, 'authScape', field, `e${world.edits}`, 'person');
  } else {
    note(world, 'dynamics', field, formOf(field, `e${world.edits}`), 'person');
    world.dVersion += 1;
  }
}

interface Merged {
  readonly writes: readonly Planned[];
  readonly base: Pick<LinkRow, 'a' | 'd'>;
  readonly conflicts: readonly string[];
}

function merge(link: LinkRow, a: Values, d: Values): Merged {
  const writes: Planned[] = [];
  const conflicts: string[] = [];
  const base = { a: { ...link.a }, d: { ...link.d } };
  for (const field of FIELDS) {
    const aChanged = a[field] !== link.a[field];
    const dChanged = d[field] !== link.d[field];
    if (!aChanged && !dChanged) continue;
    if (holdSame(a[field], d[field])) {
      base.a[field] = a[field];
      base.d[field] = d[field];
      continue;
    }
    const yields = link.forms[field]?.shown === d[field];
    if (aChanged && (!dChanged || yields)) {
      writes.push({ field, side: 'dynamics', from: a[field], to: a[field], old: d[field] });
    } else {
      if (aChanged) conflicts.push(`${field} ${a[field]}`);
      writes.push({ field, side: 'authScape', from: d[field], to: d[field], old: a[field] });
    }
  }
  return { writes, base, conflicts };
}

/** For each field that shows what was planned the write took effect. */
function resolved(link: LinkRow, a: Values, d: Values, flaw: Flaw): LinkRow {
  if (flaw === 'noPlan') return link;
  const next = { ...link, a: { ...link.a }, d: { ...link.d } };
  for (const planned of link.plan) {
    const shown = planned.side === 'dynamics' ? d[planned.field] : a[planned.field];
    const form = link.forms[planned.field];
    const arrived = shown === planned.to || (form?.sent === planned.to && form.shown === shown);
    if (!arrived) continue;
    next.a[planned.field] = planned.side === 'dynamics' ? planned.from : shown;
    next.d[planned.field] = planned.side === 'dynamics' ? shown : planned.from;
  }
  return next;
}

/** One worker; it may be left eligibility or be dropped at every `yield`. */
export function* sync(world: World, me: number): Generator<void, void, void> {
  for (let attempt = 0; attempt < 6; attempt += 1) {
    yield;
    const read = world.link;
    const held = read.claimedBy !== 0 && read.claimedBy !== me && read.claimUntil > world.now;
    if (held && world.flaw !== 'noClaim') return;
    yield;
    const a = { ...world.a };
    yield;
    const d = { ...world.d };
    const etag = world.dVersion;
    yield;
    const link = resolved(read, a, d, world.flaw);
    const merged = merge(link, a, d);
    if (world.link.version !== read.version) continue;
    if (world.flaw !== 'unloggedConflict') for (const lost of merged.conflicts) world.logged.add(lost);
    // What a dead worker may have replaced is told by the worker that finds its plan.
    for (const planned of read.plan) world.logged.add(`${planned.field} ${planned.old}`);
    const settled = { ...merged.base, forms: link.forms };
    if (merged.writes.length === 0) {
      world.link = { ...settled, plan: [], claimedBy: 0, claimUntil: 0, version: read.version + 1 };
      return;
    }
    const claimed: LinkRow = {
      ...settled,
      plan: merged.writes,
      claimedBy: me,
      claimUntil: world.now + CLAIM,
      version: read.version + 1,
    };
    world.link = claimed;
    yield;
    yield* writeAll(world, claimed, merged.writes, { a, d, etag });
  }
}

function* writeAll(
  world: World,
  claimed: LinkRow,
  writes: readonly Planned[],
  seen: { a: Values; d: Values; etag: number },
): Generator<void, void, void> {
  const base = { a: { ...claimed.a }, d: { ...claimed.d } };
  const forms = { ...claimed.forms };
  const toD = writes.filter(({ side }) => side === 'dynamics');
  const toA = writes.filter(({ side }) => side === 'authScape');
  if (toD.length > 0) {
    const isStale = world.dVersion !== seen.etag && world.flaw !== 'noEtag';
    if (isStale || claimed.claimUntil - world.now < WRITE_TIMEOUT) return;
    for (const { field, to } of toD) note(world, 'dynamics', field, formOf(field, to), 'bridge');
    world.dVersion += 1;
    world.writes += 1;
    const shown = { ...world.d };
    yield;
    for (const planned of toD) settle(base, forms, planned, shown[planned.field]);
  }
  if (toA.length > 0) {
    const fresh = world.flaw === 'noFreshRead' ? seen.a : { ...world.a };
    yield;
    const hasMoved = FIELDS.some((field) => fresh[field] !== seen.a[field]);
    if (hasMoved || claimed.claimUntil - world.now < WRITE_TIMEOUT) return;
    replaceAll(world, fresh, toA);
    yield;
    const shown = { ...world.a };
    yield;
    for (const planned of toA) settle(base, forms, planned, shown[planned.field]);
  }
  if (world.flaw === 'readBackIsBase') {
    for (const { field } of writes) {
      base.a[field] = world.a[field];
      base.d[field] = world.d[field];
    }
  }
  if (world.link.version !== claimed.version) return;
  world.link = { ...base, forms, plan: [], claimedBy: 0, claimUntil: 0, version: claimed.version + 1 };
}

/** The base moves to what was sent; a form of the server becomes base when it comes back the same way again. */
function settle(
  base: Pick<LinkRow, 'a' | 'd'>,
  forms: LinkRow['forms'],
  { field, side, from, to, old }: Planned,
  shown: string,
): void {
  const own = side === 'dynamics' ? base.d : base.a;
  const other = side === 'dynamics' ? base.a : base.d;
  const known = forms[field];
  if (shown === old && shown !== to) return;
  own[field] = known?.sent === to && known.shown === shown ? shown : to;
  other[field] = from;
  if (shown !== to) forms[field] = { sent: to, shown };
}

/** A full replace: what others wrote since our reading is taken back, and the answer tells of it. */
function replaceAll(world: World, fresh: Values, writes: readonly Planned[]): void {
  for (const field of FIELDS) {
    const planned = writes.find((each) => each.field === field);
    const moved = world.a[field] !== fresh[field];
    if (moved && planned === undefined && world.flaw !== 'noFreshRead') {
      world.logged.add(`${field} ${world.a[field]}`);
    }
    const by = planned === undefined ? 'undone' : moved && world.flaw !== 'noFreshRead' ? 'race' : 'bridge';
    note(world, 'authScape', field, planned?.to ?? fresh[field], by);
  }
  world.writes += 1;
}
