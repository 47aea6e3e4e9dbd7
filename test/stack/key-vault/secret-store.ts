import { randomBytes } from 'node:crypto';

/** One version of a secret; times are unix seconds. */
export interface SecretVersion {
  version: string;
  value: string;
  contentType?: string;
  tags: Record<string, string>;
  enabled: boolean;
  notBefore?: number;
  expires?: number;
  created: number;
  updated: number;
}

/**
 * `deleting`, `purging` and `recovering` last for a moment, in which the name can be used neither as a live
 * nor as a deleted secret.
 */
export type SecretPhase = 'live' | 'deleting' | 'deleted' | 'purging' | 'recovering';

/** A name with all its versions, oldest first; there is always at least one. */
export interface SecretEntry {
  name: string;
  versions: [SecretVersion, ...SecretVersion[]];
  phase: SecretPhase;
  /** Unix seconds of the deletion. */
  deletedAt?: number;
}

export interface NewVersion {
  value: string;
  contentType?: string;
  tags?: Record<string, string>;
  enabled?: boolean;
  notBefore?: number;
  expires?: number;
}

/** The secrets of one vault; names are found without case. */
export interface SecretStore {
  /** The entry in the phase in which it is now. */
  find(name: string): SecretEntry | undefined;
  /** Entries of one phase, ordered by name. */
  list(phase: SecretPhase): SecretEntry[];
  /** A new version of a live or new name; the caller has checked the phase. */
  add(name: string, version: NewVersion): SecretEntry;
  /** Changes the phase and, for the passing ones, lets the next one follow after `delayMs`. */
  move(entry: SecretEntry, phase: SecretPhase, delayMs: number): void;
  clear(): void;
}

interface Held extends SecretEntry {
  /** Milliseconds since 1970: when the passing phase ends. */
  until: number;
}

const following: Partial<Record<SecretPhase, SecretPhase | 'gone'>> = {
  deleting: 'deleted',
  recovering: 'live',
  purging: 'gone',
};

export function createSecretStore(now: () => Date): SecretStore {
  const entries = new Map<string, Held>();
  const seconds = () => Math.floor(now().getTime() / 1000);

  function settle(key: string, entry: Held | undefined): Held | undefined {
    const next = entry === undefined ? undefined : following[entry.phase];
    if (entry === undefined || next === undefined || now().getTime() < entry.until) {
      return entry;
    }
    if (next === 'gone') {
      entries.delete(key);
      return undefined;
    }
    entry.phase = next;
    return entry;
  }

  const find = (name: string) => settle(name.toLowerCase(), entries.get(name.toLowerCase()));

  return {
    find,
    list: (phase) =>
      [...entries.keys()]
        .sort()
        .map((key) => find(key))
        .filter((entry): entry is Held => entry?.phase === phase),
    add: (name, given) => {
      const at = seconds();
      const version: SecretVersion = {
        tags: {},
        enabled: true,
        ...given,
        version: randomBytes(16).toString('hex'),
        created: at,
        updated: at,
      };
      const known = find(name);
      if (known !== undefined) {
        known.versions.push(version);
        return known;
      }
      const entry: Held = { name, versions: [version], phase: 'live', until: 0 };
      entries.set(name.toLowerCase(), entry);
      return entry;
    },
    move: (entry, phase, delayMs) => {
      Object.assign(entry, { phase, until: now().getTime() + delayMs });
      if (phase === 'deleting') {
        entry.deletedAt = seconds();
      }
    },
    clear: () => entries.clear(),
  };
}

/** The newest version. */
export function newest(entry: SecretEntry): SecretVersion {
  return entry.versions.at(-1) ?? entry.versions[0];
}
