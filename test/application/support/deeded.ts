import type { Link } from '../../../src/domain/link.js';
import { PARTED } from '../../support/memory-systems-world.js';
import type { Harness } from './harness.js';

/** That these pairs are no longer linked, or are merged anew, is a person's doing. */
export function noteParted({ world }: Pick<Harness, 'world'>, links: readonly Link[]): void {
  for (const { authScapeId, crmId, entity, table } of links) {
    const change = { field: PARTED, from: null, to: null, by: 'person' } as const;
    world.note({ ...change, side: 'authScape', entity, id: authScapeId });
    world.note({ ...change, side: 'dynamics', entity: table, id: crmId });
  }
}
