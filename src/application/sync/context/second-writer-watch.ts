import type { ConnectionState } from '../../../domain/model.js';
import {
  afterCheck,
  isCheckDue,
  PROOFS,
  secondWriterMessage,
  secondWriters,
} from '../../../domain/second-writer.js';
import type { EngineDeps } from '../../shared/engine-deps.js';

/** Decides at which writes to AuthScape to look for another writer, and keeps what was seen. */
export interface SecondWriterWatch {
  /** True when a check is due for the mapping; then the caller has to `end` it. */
  begin(mappingId: string): boolean;
  end(mappingId: string): void;
  /** `isSeen`: rows of the record `id` changed or appeared in Dynamics during the write. */
  note(mappingId: string, id: string, isSeen: boolean): Promise<void>;
}

/** Of each mapping only as many checks side by side as prove something; those of other workers meet in the connection's state. */
export function createSecondWriterWatch(
  { clock, connections, logger }: Pick<EngineDeps, 'clock' | 'connections' | 'logger'>,
  connectionId: string,
  state: Pick<ConnectionState, 'writerChecks'>,
): SecondWriterWatch {
  let checks = state.writerChecks ?? {};
  const underWay = new Map<string, number>();
  const countOf = (mappingId: string) => underWay.get(mappingId) ?? 0;
  return {
    begin(mappingId) {
      if (countOf(mappingId) >= PROOFS || !isCheckDue(checks[mappingId], clock.now())) return false;
      underWay.set(mappingId, countOf(mappingId) + 1);
      return true;
    },
    end: (mappingId) => void underWay.set(mappingId, countOf(mappingId) - 1),
    async note(mappingId, id, isSeen) {
      let isNew = false;
      const { writerChecks = {} } = await connections.updateState(connectionId, (current) => {
        const seen = { id, isSeen, now: clock.now() };
        const next = {
          ...current.writerChecks,
          [mappingId]: afterCheck(current.writerChecks?.[mappingId], seen),
        };
        isNew = secondWriters(current).length === 0 && secondWriters({ writerChecks: next }).length > 0;
        return { ...current, writerChecks: next };
      });
      checks = writerChecks;
      const [first] = secondWriters({ writerChecks });
      if (!isNew || first === undefined) return;
      logger.warn(secondWriterMessage(first.since), {
        code: 'own_crm_connection_on',
        connectionId,
        mappingId,
      });
    },
  };
}
