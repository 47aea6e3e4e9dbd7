import { BridgeError } from '../../../domain/errors.js';
import type { ResolvedMapping } from '../../../domain/fields.js';
import type { EntityMapping } from '../../../domain/model.js';
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

export function refuseChanged({ mapping }: ResolvedMapping, present: readonly Stored<EntityMapping>[]): void {
  const stored = present.find(({ value }) => value.id === mapping.id)?.value;
  if (stored?.enabled !== true || stored.version !== mapping.version) throw new MappingChangedError();
}
