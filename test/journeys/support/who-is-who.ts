import { identityFaults, type World } from '../../application/support/identity.js';
import { KEYS, type Kin } from '../../application/support/kin.js';
import { LIFE, type ValueChange } from '../../support/memory-systems-world.js';
import { type Mirror, type PersonsAct, recordName } from './mirror.js';

/**
 * Whether a history on the stack gave one person what is another one's. What people did is known change by change; of the
 * service only what it left and what its log tells: records that no person made are its own, from the first moment, with the key that they were first seen with; what
 * no person ended and is at an end was ended by it, last of all.
 */
export function whoIsWho(
  { copy, sightings, made }: Mirror,
  kin: readonly Kin[],
  acts: readonly PersonsAct[],
  links: World['links'],
): readonly string[] {
  const shown = kin.flatMap((each) => recordsOf(copy, each));
  const happened = acts.flatMap((act) => act.happened);
  const before = [...sightings.values()]
    .filter((sighting) => !made.has(recordName(sighting)))
    .flatMap((sighting) => [
      bridge(sighting, LIFE, 'there'),
      ...keysOf(kin, sighting.entity).map((key) => bridge(sighting, key, sighting.values[key] ?? null)),
    ]);
  const isKnown = (name: string) => made.has(name) || sightings.has(name);
  const after = shown.flatMap(({ record, key, ends }) => [
    bridge(record, key.field, key.value),
    ...ends
      .filter(({ field, to }) => lastOf(happened, recordName(record), field)?.to !== to)
      .map(({ field, to }) => bridge(record, field, to)),
  ]);
  return identityFaults({
    changes: [...before, ...happened, ...after],
    keys: Object.fromEntries(
      kin.flatMap(({ entity, table }) => [
        [entity, [KEYS[entity][0]]],
        [table, [KEYS[entity][1]]],
      ]),
    ),
    pairs: kin.map(({ entity, table }) => [entity, table]),
    // A record that came and went between two looks at it is not known.
    links: links.filter(({ entity, authScapeId, crmId }) => {
      const table = kin.find((each) => each.entity === entity)?.table ?? '';
      return (
        isKnown(recordName({ side: 'authScape', entity, id: authScapeId })) &&
        isKnown(recordName({ side: 'dynamics', entity: table, id: crmId }))
      );
    }),
    shown: shown.map(({ record, values }) => ({ name: recordName(record), values })),
  });
}

type Named = Pick<ValueChange, 'side' | 'entity' | 'id'>;
const bridge = ({ side, entity, id }: Named, field: string, to: ValueChange['to']): ValueChange => ({
  ...{ side, entity, id, field, to },
  ...{ from: null, by: 'bridge', at: 0, worker: undefined },
});

/** Names of the key of an entity or a table. */
const keysOf = (kin: readonly Kin[], name: string): readonly string[] =>
  kin.flatMap(({ entity, table }) =>
    name === entity ? [KEYS[entity][0]] : name === table ? [KEYS[entity][1]] : [],
  );

function recordsOf(copy: Mirror['copy'], { entity, table, texts }: Kin) {
  const [key, column] = KEYS[entity];
  const ends = (
    values: Readonly<Record<string, ValueChange['to']>>,
    names: readonly (readonly [string, unknown])[],
  ) =>
    names
      .filter(([name, end]) => values[name] === end)
      .map(([field]) => ({ field, to: values[field] ?? null }));
  const ours = [...copy.a.records[entity].values()].map(({ id, values }) => ({
    record: { side: 'authScape', entity, id } as const,
    key: { field: key, value: values[key] ?? null },
    ends: ends(values, [
      ['isActive', false],
      ['isDeactivated', true],
    ]),
    values: Object.keys(texts).map((name) => values[name] ?? null),
  }));
  const rows = [...(copy.d.tables.get(table)?.rows.values() ?? [])].map(({ id, values, mergedInto }) => ({
    record: { side: 'dynamics', entity: table, id } as const,
    key: { field: column, value: values[column] ?? null },
    // A merge makes its loser inactive.
    ends: mergedInto === null ? ends(values, [['statecode', 1]]) : [],
    values: Object.values(texts).map((name) => values[name] ?? null),
  }));
  return [...ours, ...rows];
}

function lastOf(changes: readonly ValueChange[], name: string, field: string): ValueChange | undefined {
  return changes.findLast((change) => change.field === field && recordName(change) === name);
}
