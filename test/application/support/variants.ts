import { createRandom, type Random } from '../../model/random.js';
import * as deeds from './deeds.js';
import type { Harness } from './harness.js';
import type { Deed, HistoryOptions } from './history.js';

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

/** What people do, from the plain to the wild. */
export const KINDS = { edits: EDITS, states: STATES, deletes: DELETES, everything: EVERYTHING } as const;
export type Kind = keyof typeof KINDS;

/** Everything about a history follows from its kind and its seed. */
export function variantOf(kind: Kind, seed: number): HistoryOptions {
  const random = createRandom(seed + 1_000_000);
  const hasForms = random.chance(0.3);
  return {
    seed,
    steps: 250 + random.below(200),
    deeds: KINDS[kind],
    liveliness: {
      people: 0.04 + random.next() * 0.04,
      crashes: random.pick([0, 0.003, 0.01]),
      faults: random.pick([0, 0.01, 0.03]),
      workers: 1 + random.below(3),
    },
    harness: {
      stepMs: random.pick([20, 200, 240_000]),
      concurrency: random.pick([1, 4]),
      connection: connectionOf(kind, random),
    },
    prepare: (bridge) => {
      if (hasForms) giveForms(bridge);
    },
  };
}

function connectionOf(kind: Kind, random: Random) {
  const isWild = kind === 'deletes' || kind === 'everything';
  return {
    conflictPolicy: random.pick(['lastWriteWins', 'lastWriteWins', 'dynamicsWins', 'authScapeWins'] as const),
    deletePolicy: isWild
      ? random.pick(['deactivate', 'deactivate', 'delete', 'unlink'] as const)
      : 'deactivate',
    massDeleteGuard: random.chance(0.3) ? { count: 50, percent: 5 } : null,
  } as const;
}

/** Dynamics gives a form of its own to two columns, whoever writes them. */
function giveForms({ d }: Harness): void {
  d.forms.set('lastname', (value) => (value === null ? null : String(value).toUpperCase()));
  d.forms.set('telephone1', (value) => {
    if (value === null) return null;
    const text = String(value);
    return text.endsWith('~') ? text : `${text}~`;
  });
}
