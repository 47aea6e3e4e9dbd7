import { describe, expect, it } from 'vitest';
import type { FieldMapping } from '../../../../src/domain/model.js';
import type { Column, EntityField } from '../../../../src/domain/schema.js';
import type { FieldValue } from '../../../../src/domain/values.js';
import { aPair, contact, linkOf } from '../../support/actors.js';
import { createHarness } from '../../support/harness.js';
import { asChange, FIELD, inCreation, type Kind, type Outcome } from '../../support/kinds.js';
import { PATHS, type Path, viaPath } from '../../support/paths.js';

/** One value of each kind, as a change of a linked pair and in a creation, on every path. */

const TIER: Partial<EntityField> = {
  type: 'choice',
  options: [
    { key: '1719', label: 'Gold' },
    { key: '1720', label: 'Silver' },
  ],
};
const CHOICE: Partial<Column> = {
  type: 'choice',
  options: ['Bronze', 'Silver', 'Gold'].map((label, index) => ({ value: index + 1, label })),
};
const BY_LABEL: Partial<FieldMapping> = { transform: { type: 'optionSet', by: 'label' } };
const MAP: Partial<FieldMapping> = {
  transform: { type: 'valueMap', map: { gold: 3, 'caf\u00e9': 1 } },
};
const FLAG: Partial<FieldMapping> = { transform: { type: 'boolean' } };
const NUMBER: Partial<FieldMapping> = { transform: { type: 'number' } };
const JOINED: Partial<FieldMapping> = {
  transform: { type: 'concatenate', fields: [FIELD, 'phoneNumber'] },
  direction: 'Outbound',
};
const IN_BERLIN: Partial<FieldMapping> = { transform: { type: 'date', timeZone: 'Europe/Berlin' } };

interface Case extends Kind {
  readonly what: string;
  /** What arrives on the other side, or `! ` and the code that is told while the rest arrives. */
  readonly wanted: FieldValue;
}

const outbound = (what: string, more: Omit<Case, 'what' | 'from'>): Case => ({
  ...{ what, from: 'authScape', ...more },
});
const inbound = (what: string, more: Omit<Case, 'what' | 'from'>): Case => ({
  ...{ what, from: 'dynamics', ...more },
});

const KINDS: readonly Case[] = [
  outbound('[V4] the key of an option, to a choice by label', {
    ...{ field: TIER, column: CHOICE, mapped: BY_LABEL, value: '1719', wanted: 3 },
  }),
  outbound('[V4] a label that was stored, to a choice by label', {
    ...{ field: TIER, column: CHOICE, mapped: BY_LABEL, value: ' gold', wanted: 3 },
  }),
  outbound('[V4] the key of an option, to a text', { field: TIER, value: '1719', wanted: 'Gold' }),
  inbound('[V4] a choice by label, to an option', {
    ...{ field: TIER, column: CHOICE, mapped: BY_LABEL, value: 3, wanted: '1719' },
  }),
  inbound('[V4] a text that is a label', { field: TIER, value: 'SILVER\u00a0', wanted: '1720' }),
  inbound('[V4] a text that is neither', { field: TIER, value: 'Tin', wanted: '! unknown_option' }),
  outbound('[V4] a label with another hyphen', {
    column: { type: 'choice', options: [{ value: 1, label: 'Full-time' }] },
    ...{ mapped: BY_LABEL, value: 'full\u2013time', wanted: 1 },
  }),
  outbound('[V11] a key of a map with a blank', { column: CHOICE, mapped: MAP, value: 'gold ', wanted: 3 }),
  outbound('[V11] a key of a map, decomposed', {
    ...{ column: CHOICE, mapped: MAP, value: 'cafe\u0301', wanted: 1 },
  }),
  outbound('[V11] a key that no map has', {
    ...{ column: CHOICE, mapped: MAP, value: 'tin', wanted: '! unmapped_value' },
  }),
  outbound('[V11] a yes with blanks', {
    ...{ column: { type: 'boolean' }, mapped: FLAG, value: ' True ', wanted: true },
  }),
  outbound('[V11] neither yes nor no', {
    ...{ column: { type: 'boolean' }, mapped: FLAG, value: 'ja', wanted: '! invalid_value' },
  }),
  outbound('[V3] a small number, to a text', {
    ...{ field: { type: 'number' }, mapped: NUMBER, value: 2.5e-7, wanted: '0.00000025' },
  }),
  ...['0x1F', '1e3', '1.234,56', '5%'].map((value) =>
    outbound(`[V3] ${value}, to a number`, {
      ...{ column: { type: 'money', precision: 2 }, mapped: NUMBER, value, wanted: '! invalid_number' },
    }),
  ),
  outbound('[V11] a blank part and a name', {
    // A joined text has a part already: it has to go, so that something changes.
    ...{ mapped: JOINED, before: 'Anne', value: '  ', wanted: 'Berg' },
  }),
  outbound('[V2] a whole time, to a day', {
    field: { type: 'date' },
    column: { type: 'dateOnly' },
    ...{ value: '1990-05-01T22:00:00Z', wanted: '! time_zone_missing' },
  }),
  outbound('[V2] a midnight, to a day', {
    field: { type: 'date' },
    column: { type: 'dateOnly' },
    ...{ value: '1990-05-01T00:00:00', wanted: '1990-05-01' },
  }),
  outbound('[V2] a whole time in a zone, to a day', {
    field: { type: 'date' },
    column: { type: 'dateOnly' },
    ...{ mapped: IN_BERLIN, value: '1990-05-01T22:00:00Z', wanted: '1990-05-02' },
  }),
  outbound('[V5] half a character', { value: 'Ada \ud83d', wanted: '! invalid_value' }),
  inbound('[V5] half a character', { value: 'Ada \ud83d', wanted: '! invalid_value' }),
];

/** A dry run writes nothing and lists what would be written, and what would fail. */
function wantedOf({ wanted }: Case, path: Path, beside: FieldValue, before: FieldValue = null): Outcome {
  const isReal = path !== 'dry run';
  const code = String(wanted).startsWith('! ') ? String(wanted).slice(2) : undefined;
  const value = code === undefined ? wanted : null;
  return {
    arrived: isReal && code === undefined ? value : before,
    beside,
    planned: value,
    codes: code === undefined ? [] : [code],
  };
}

describe.each(PATHS)('by %s', (path) => {
  const isReal = path !== 'dry run';

  it.each(KINDS)('$what, from $from, as a change', async (kind) => {
    const { before, ...outcome } = await asChange(kind, path);
    expect(outcome).toEqual(wantedOf(kind, path, isReal ? 'New' : 'Lovelace', before));
  });

  it.each(KINDS)('$what, from $from, in a creation', async (kind) => {
    const outcome = await inCreation(kind, path);
    expect(outcome).toEqual(wantedOf(kind, path, isReal ? 'Lovelace' : null));
  });
});

describe.each(PATHS)('[V6] a user whose e-mail becomes what no contact can hold, by %s', (path) => {
  it.each([
    ['ada', 'invalid_email'],
    ['a@x.example,b@x.example', 'invalid_email'],
    [`${'a'.repeat(95)}@x.example`, 'value_too_long'],
  ])('%s', async (email, code) => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge, { email: 'old@x.example' });
    bridge.a.people.set('User', a, { email });
    const done = await viaPath(bridge, path, { side: 'authScape', entity: 'User', id: a });
    expect(done.codes).toEqual([code]);
    expect(contact(bridge, d).emailaddress1).toBe('old@x.example');
    expect((await linkOf(bridge, a))?.crmId).toBe(d);
  });
});
