import type {
  AuthScapeEntity,
  Direction,
  EffectiveDirection,
  EntityMapping,
} from '../../../src/domain/model.js';
import { narrowest } from '../../../src/domain/model.js';
import type { FieldValue } from '../../../src/domain/values.js';
import type { Harness } from './harness.js';

/** One kind of pair that histories look at, by the mapping that makes it. */
export interface Kin {
  readonly mapping: EntityMapping;
  readonly entity: AuthScapeEntity;
  readonly table: string;
  /** Text fields under both names. */
  readonly texts: Readonly<Record<string, string>>;
  /** Lookups under both names, and the entity that they lead to. */
  readonly lookups: readonly {
    readonly key: string;
    readonly column: string;
    readonly to: AuthScapeEntity;
  }[];
  /** What the two sides may keep different, by the AuthScape name of the field. */
  readonly terms: ReadonlyMap<string, Terms>;
  readonly direction: EffectiveDirection;
}

export interface Terms {
  readonly direction: EffectiveDirection;
  readonly emptiesTravel: boolean;
}

/** Names of the key by which strangers are matched. */
export const KEYS: Readonly<Record<AuthScapeEntity, readonly [string, string]>> = {
  User: ['email', 'emailaddress1'],
  Company: ['title', 'name'],
  Location: ['title', 'name'],
};

export function isActiveUser(entity: AuthScapeEntity, values: Readonly<Record<string, FieldValue>>): boolean {
  return entity === 'User' ? values.isActive === true : values.isDeactivated !== true;
}

/** All kinds of pairs of a connection, in the order of its mappings. */
export async function kinOf(bridge: Harness): Promise<readonly Kin[]> {
  const stored = await bridge.storage.mappings.list(bridge.connection.id);
  return stored.map(({ value }) => kinOfMapping(value, bridge.connection.direction));
}

export function kinOfMapping(mapping: EntityMapping, ofConnection: Direction): Kin {
  const parts = [...mapping.fields, ...mapping.relationships];
  return {
    mapping,
    entity: mapping.authScapeEntity,
    table: mapping.crmEntity,
    texts: Object.fromEntries(
      mapping.fields
        .filter(({ transform }) => transform === null)
        .map(({ authScapeField, crmField }) => [authScapeField, crmField]),
    ),
    lookups: mapping.relationships.map(({ authScapeField, crmLookupField, relatedEntity }) => ({
      key: authScapeField,
      column: crmLookupField,
      to: relatedEntity,
    })),
    terms: new Map(
      parts.map((part) => [
        part.authScapeField,
        {
          direction: narrowest(ofConnection, mapping.direction, part.direction),
          // A login is never cleared.
          emptiesTravel: part.syncNullValues && part.authScapeField !== 'email',
        },
      ]),
    ),
    direction: narrowest(ofConnection, mapping.direction),
  };
}

/** May the sides keep showing these two values that are not the same? */
export function mayDiffer(terms: Terms | undefined, a: FieldValue, d: FieldValue): boolean {
  if (terms === undefined || terms.direction === 'none') return true;
  // Where values go one way only, what that way's source lacks may stay: nothing is cleared by a first merge.
  if (terms.direction === 'Outbound' && a === null) return true;
  if (terms.direction === 'Inbound' && d === null) return true;
  return !terms.emptiesTravel && (a === null || d === null);
}

export function termsOf({ terms }: Kin, key: string): Terms | undefined {
  return terms.get(key);
}
