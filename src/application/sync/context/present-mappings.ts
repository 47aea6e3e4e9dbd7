import { BridgeError } from '../../../domain/errors.js';
import type { ResolvedMapping } from '../../../domain/fields.js';
import type { EntityMapping } from '../../../domain/model.js';
import type { Clock } from '../../ports/runtime.js';
import type { MappingStore, Stored } from '../../ports/stores.js';

/** A mapping was deleted, switched off or changed while work under it went on: nothing is written, and all starts over. */
export class MappingChangedError extends BridgeError {
  constructor() {
    super('schema_changed', 'The mappings of the connection were changed while the work was under way.', {
      hint: 'Start a new run.',
    });
  }
}

type MappingReader = () => Promise<readonly Stored<EntityMapping>[]>;

/**
 * Reads the mappings of a connection as they are stored at the moment of the call or later. Calls that come while a
 * reading is under way share the next one, so that many records side by side cost few readings.
 */
export function createMappingReader(
  mappings: Pick<MappingStore, 'list'>,
  connectionId: string,
): MappingReader {
  let underWay: Promise<unknown> = Promise.resolve();
  let next: ReturnType<MappingReader> | undefined;
  return () => {
    next ??= underWay.then(() => {
      next = undefined;
      const reading = mappings.list(connectionId);
      underWay = reading.catch(() => undefined);
      return reading;
    });
    return next;
  };
}

/**
 * Throws `MappingChangedError` unless the mapping is stored as it was read, at the moment of the call or later. `withinMs`:
 * that it was so that long ago at the most will do, for calls that were preceded by such a look and have waited since.
 */
export type ConfirmMapping = (resolved: ResolvedMapping, withinMs?: number) => Promise<void>;

export function createConfirmation(present: MappingReader, { now }: Pick<Clock, 'now'>): ConfirmMapping {
  const confirmedAt = new Map<string, number>();
  return async (resolved, withinMs = 0) => {
    const { id } = resolved.mapping;
    const at = now();
    if (at - (confirmedAt.get(id) ?? Number.NEGATIVE_INFINITY) < withinMs) return;
    refuseChanged(resolved, await present());
    confirmedAt.set(id, at);
  };
}

function refuseChanged({ mapping }: ResolvedMapping, present: readonly Stored<EntityMapping>[]): void {
  const stored = present.find(({ value }) => value.id === mapping.id)?.value;
  if (stored?.enabled !== true || stored.version !== mapping.version) throw new MappingChangedError();
}
