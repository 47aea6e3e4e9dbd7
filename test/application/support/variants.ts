import type { EntityMapping, RelationshipMapping } from '../../../src/domain/model.js';
import { createRandom, type Random } from '../../model/random.js';
import * as deeds from './deeds.js';
import * as families from './family-deeds.js';
import * as guarded from './guard-deeds.js';
import type { Harness } from './harness.js';
import type { Act, Deed, HistoryOptions } from './history.js';
import * as remapping from './mapping-deeds.js';
import { companyMapping, locationMapping, USER_COMPANY, USER_FIELDS, userMapping } from './mappings.js';
import * as refusals from './refusal-deeds.js';
import * as structure from './structure-deeds.js';
import * as unruly from './unruly-deeds.js';

const EDITS: readonly Deed[] = [
  deeds.createUser,
  deeds.createContact,
  deeds.createBoth,
  deeds.editUser,
  deeds.editUser,
  deeds.editUser,
  deeds.editContact,
  deeds.editContact,
  deeds.editContact,
  deeds.touchContact,
];
const STATES: readonly Deed[] = [...EDITS, deeds.toggleUser, deeds.toggleContact];
const DELETES: readonly Deed[] = [
  ...STATES,
  deeds.removeUser,
  deeds.removeContact,
  deeds.restoreContact,
  deeds.expireLinks,
];
const EVERYTHING: readonly Deed[] = [
  ...DELETES,
  deeds.createUser,
  deeds.createContact,
  deeds.restoreUser,
  deeds.editUserEmail,
  deeds.editContactEmail,
];

const FAMILIES: readonly Deed[] = [
  ...DELETES,
  families.createCompany,
  families.createFirm,
  families.createLoneAccount,
  families.renameCompany,
  families.renameAccount,
  families.toggleCompany,
  families.toggleAccount,
  families.moveUser,
  families.moveUser,
  families.moveContact,
  families.moveContact,
  families.removeCompany,
  families.removeAccount,
  families.restoreAccount,
];
const DEPOTS: readonly Deed[] = [
  ...FAMILIES,
  families.createLocation,
  families.createDepot,
  families.renameLocation,
  families.toggleLocation,
  families.moveLocation,
  families.moveAccount,
  families.removeLocation,
];

const UNRULY: readonly Deed[] = [
  ...DELETES,
  deeds.editUserEmail,
  deeds.editContactEmail,
  unruly.takeEmailOfContact,
  unruly.takeEmailOfUser,
  unruly.tradeEmails,
  unruly.emptyContactEmail,
  unruly.createAdmin,
  unruly.mergeContacts,
  unruly.mergeContacts,
];

const STRUCTURE: readonly Act[] = [
  ...DELETES,
  deeds.createBoth,
  deeds.createBoth,
  structure.mergeContacts,
  structure.mergeContacts,
  structure.replaceContact,
  structure.replaceUser,
  structure.unlinkOne,
  structure.cancelSomeRun,
];
const REMADE: readonly Act[] = [...STRUCTURE, structure.switchMapping, structure.remakeMapping];
const REMAPPED: readonly Act[] = [
  ...STRUCTURE,
  remapping.changeFilter,
  remapping.changeFields,
  remapping.changeMatchBy,
  remapping.levelContact,
  remapping.levelContact,
  remapping.createNamesakes,
  structure.remakeMapping,
];
const GUARDED: readonly Act[] = [
  ...DELETES,
  guarded.createSeveral,
  guarded.createSeveral,
  guarded.removeSeveral,
  guarded.deactivateSeveral,
  guarded.emptySeveral,
  guarded.decideSomeRun,
  guarded.decideSomeRun,
  structure.mergeContacts,
  structure.replaceContact,
  structure.cancelSomeRun,
];
const ACCOUNTS: readonly Act[] = [
  ...FAMILIES,
  families.createFirm,
  structure.mergeAccounts,
  structure.mergeAccounts,
  structure.mergeContacts,
  structure.replaceAccount,
  structure.replaceContact,
  structure.unlinkOne,
];

const REFUSALS: readonly Act[] = [
  ...EVERYTHING,
  ...EDITS,
  refusals.refuseContact,
  refusals.refuseContact,
  refusals.refuseContactOfUser,
  refusals.refuseUser,
  refusals.refuseUserOfContact,
  refusals.hideUser,
  refusals.showUsers,
  refusals.hideContact,
  refusals.liftSome,
  refusals.liftSome,
];

/** What people do to users and contacts, from the plain to the wild. */
export const KINDS = { edits: EDITS, states: STATES, deletes: DELETES, everything: EVERYTHING } as const;
export type Kind = keyof typeof KINDS;

/** The same with one-way fields, with companies, accounts and locations, and with traded logins and merged rows. */
export const WIDE_KINDS = {
  directions: EVERYTHING,
  families: FAMILIES,
  depots: DEPOTS,
  unruly: UNRULY,
  structure: STRUCTURE,
  remade: REMADE,
  remapped: REMAPPED,
  accounts: ACCOUNTS,
  guarded: GUARDED,
  refusals: REFUSALS,
} as const;
export type WideKind = keyof typeof WIDE_KINDS;

/** Everything about a history follows from its kind and its seed. */
export function variantOf(kind: Kind | WideKind, seed: number): HistoryOptions {
  const random = createRandom(seed + 1_000_000);
  const hasForms = random.chance(0.3);
  const partRecords = partRecordsOf(seed);
  return {
    seed,
    steps: 250 + random.below(200),
    ...(['structure', 'remade', 'remapped', 'accounts', 'guarded'].includes(kind) ? { before: 12 } : {}),
    ...(kind === 'remapped' ? { furtherKeys: { User: ['lastName'], contact: ['lastname'] } } : {}),
    deeds: { ...KINDS, ...WIDE_KINDS }[kind],
    liveliness: {
      people: 0.04 + random.next() * 0.04,
      crashes: random.pick([0, 0.003, 0.01]),
      faults: random.pick([0, 0.01, 0.03]),
      workers: 1 + random.below(3) + (partRecords === undefined ? 0 : 2),
    },
    harness: {
      stepMs: random.pick([20, 200, 240_000]),
      concurrency: random.pick([1, 4]),
      ...(partRecords === undefined ? {} : { partRecords }),
      connection: connectionOf(kind, random),
      ...mappingsOf(kind, random),
    },
    ...(kind === 'refusals' ? { lift: refusals.liftConditions } : {}),
    prepare: (bridge) => {
      if (kind === 'refusals') refusals.heedConditions(bridge);
      if (hasForms) giveForms(bridge);
      // Whether Dynamics itself does is not documented.
      if (createRandom(seed + 2_000_000).chance(0.5)) bridge.d.forgetMasters();
      // Both sides are read at the same time: rows are known before their records, or after them.
      Object.assign(bridge.d, { pageSize: createRandom(seed + 4_000_000).pick([1, 1, 4]) });
      if (kind === 'families' || kind === 'depots' || kind === 'accounts')
        bridge.a.people.insert('Company', { title: 'Always' });
      if (kind === 'depots') bridge.a.people.insert('Location', { title: 'Everywhere' });
    },
  };
}

/** In half of the histories several workers share a run as soon as it has anything to share. */
function partRecordsOf(seed: number): number | undefined {
  const random = createRandom(seed + 3_000_000);
  return random.chance(0.5) ? random.pick([1, 2]) : undefined;
}

const DIRECTIONS = ['Bidirectional', 'Bidirectional', 'Inbound', 'Outbound'] as const;

function mappingsOf(kind: Kind | WideKind, random: Random): { mappings?: readonly EntityMapping[] } {
  if (kind === 'directions') {
    const fields = USER_FIELDS.map((field) => ({
      ...field,
      direction: random.pick(DIRECTIONS),
      syncNullValues: random.chance(0.7),
    }));
    return { mappings: [userMapping({ direction: random.pick(DIRECTIONS), fields })] };
  }
  if (kind !== 'families' && kind !== 'depots' && kind !== 'accounts') return {};
  const relationship = (more: Partial<RelationshipMapping>): RelationshipMapping => ({
    ...USER_COMPANY,
    autoCreateRelated: random.chance(0.5),
    syncNullValues: random.chance(0.8),
    ...more,
  });
  const depots = locationMapping({
    relationships: [relationship({ id: 'r_parent', crmLookupField: 'parentaccountid' })],
  });
  return {
    mappings: [
      userMapping({ relationships: [relationship({})] }),
      companyMapping(),
      ...(kind === 'depots' ? [depots] : []),
    ],
  };
}

function connectionOf(kind: Kind | WideKind, random: Random) {
  const isWild = kind !== 'edits' && kind !== 'states';
  return {
    conflictPolicy: random.pick(['lastWriteWins', 'lastWriteWins', 'dynamicsWins', 'authScapeWins'] as const),
    deletePolicy: isWild
      ? random.pick(['deactivate', 'deactivate', 'delete', 'unlink'] as const)
      : 'deactivate',
    massDeleteGuard: random.chance(kind === 'guarded' ? 1 : 0.3) ? { count: 50, percent: 5 } : null,
  } as const;
}

/** Dynamics gives a form of its own to two columns, in writes of persons and of workers. */
function giveForms({ d }: Harness): void {
  d.forms.set('lastname', (value) => (value === null ? null : String(value).toUpperCase()));
  d.forms.set('telephone1', (value) => {
    if (value === null) return null;
    const text = String(value);
    return text.endsWith('~') ? text : `${text}~`;
  });
}
