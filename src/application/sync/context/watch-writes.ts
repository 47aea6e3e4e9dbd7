import { BridgeError, RecordRejectedError } from '../../../domain/errors.js';
import type { Side } from '../../../domain/model.js';
import type { Clock } from '../../ports/runtime.js';
import {
  type AuthScapeSystem,
  type DynamicsSystem,
  LostUpdateError,
  UnknownOutcomeError,
} from '../../ports/systems.js';

/** What a run has learned of a side by its answers to writes, kept over its steps. */
export interface SideHealth {
  /** It was suspected once, and the run has paused for it. */
  suspected: boolean;
  /** It refuses everything: why. Null while it does not. */
  failing: string | null;
}
export type Health = Record<Side, SideHealth>;

/** Several records in a row got the same answer, which proves nothing of one of them: the run pauses, or the event waits. */
export class SystemSuspectedError extends BridgeError {
  readonly side: Side;

  constructor(side: Side, message: string) {
    super(side === 'dynamics' ? 'dynamics_unavailable' : 'authscape_unreachable', message, {
      hint: 'What is under way pauses and is tried again by itself.',
    });
    this.side = side;
  }
}

/** Different records in a row with the same unproven answer that put a side under suspicion. */
const SUSPICION = 5;
/** Of the writes to a side that fails, every so many is tried: it may be back. */
const TRIED_OF = 10;
/** The status of a server that has no time at the moment. */
const NO_TIME = /\b503\b/;
/** One harmless read serves for so long. */
const PROBE_SERVES_MS = 5_000;

interface WatchOptions {
  readonly clock: Clock;
  /** Undefined outside of runs: one record says nothing of the others then. */
  readonly health: Health | undefined;
}

interface Watch {
  /** `isAnswer`: did the system say so? Left out: whatever comes of it is an answer. */
  write<T>(record: string, work: () => Promise<T>, isAnswer?: (result: T) => boolean): Promise<T>;
  /** A read of one record: it says nothing of writes. */
  read<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Tells one bad record from a bad system by evidence. An answer that does not prove either leads to a harmless read: when
 * that fails, the system is away. When it works and several different records in a row get the same answer, the run
 * pauses once; after that, records of this side fail without being tried, but for some, until one succeeds.
 */
function watch(side: Side, probe: () => Promise<unknown>, { clock, health }: WatchOptions): Watch {
  let readAt = Number.NEGATIVE_INFINITY;
  let answer = '';
  let passedOver = 0;
  const records = new Set<string>();
  const own = health?.[side];
  const name = side === 'dynamics' ? 'Dynamics' : 'AuthScape';

  function noteSuccess(): void {
    records.clear();
    if (own !== undefined) own.failing = null;
  }

  /** Throws when the system fails at a harmless read, too. */
  async function isAway(): Promise<void> {
    if (clock.now() - readAt <= PROBE_SERVES_MS) return;
    await probe();
    readAt = clock.now();
  }

  /** One record has no others beside it: what a server says that has no time is of the moment, though a read got through. */
  function refuseMoment(given: string): void {
    if (own !== undefined || !NO_TIME.test(given)) return;
    throw new SystemSuspectedError(side, `${name} had no time ("${given}").`);
  }

  function noteFailure(record: string, given: string): void {
    if (own === undefined) return;
    if (given !== answer) records.clear();
    answer = given;
    records.add(record);
    if (records.size < SUSPICION || own.failing !== null) return;
    const message = `${name} can be read, but answered "${given}" to ${records.size} different records in a row`;
    if (!own.suspected) throw new SystemSuspectedError(side, `${message}.`);
    own.failing = `${message}, before and after a pause.`;
  }

  function refuseUntried(): void {
    const failing = own?.failing ?? null;
    if (failing === null) return;
    passedOver += 1;
    if (passedOver % TRIED_OF !== 0) throw new RecordRejectedError('system_failing', `Not tried: ${failing}`);
  }

  return {
    async write(record, work, isAnswer = () => true) {
      refuseUntried();
      try {
        const result = await work();
        if (isAnswer(result)) noteSuccess();
        return result;
      } catch (error) {
        const given = unprovenAnswer(error);
        if (given === undefined) throw error;
        await isAway();
        refuseMoment(given);
        noteFailure(record, given);
        throw error;
      }
    },
    async read(work) {
      try {
        return await work();
      } catch (error) {
        const given = unprovenAnswer(error);
        if (given === undefined) throw error;
        await isAway();
        refuseMoment(given);
        throw error;
      }
    },
  };
}

function unprovenAnswer(error: unknown): string | undefined {
  if (error instanceof LostUpdateError) return undefined;
  if (error instanceof UnknownOutcomeError) return 'no answer';
  return error instanceof RecordRejectedError ? error.unproven : undefined;
}

export function watchDynamics(system: DynamicsSystem, options: WatchOptions): DynamicsSystem {
  const { read, write } = watch('dynamics', () => system.identity(), options);
  return {
    ...system,
    get: (table, id, columns) => read(() => system.get(table, id, columns)),
    create: (table, id, values, columns, latest) =>
      write(
        id,
        () => system.create(table, id, values, columns, latest),
        ({ kind }) => kind !== 'late',
      ),
    update: (table, id, etag, values, columns) =>
      write(id, () => system.update(table, id, etag, values, columns)),
    remove: (table, id, etag) => write(id, () => system.remove(table, id, etag)),
  };
}

export function watchAuthScape(system: AuthScapeSystem, options: WatchOptions): AuthScapeSystem {
  const { read, write } = watch('authScape', () => system.identity(), options);
  return {
    ...system,
    get: (entity, id, keys) => read(() => system.get(entity, id, keys)),
    create: (entity, values, keys, guard) =>
      write(JSON.stringify(values), () => system.create(entity, values, keys, guard)),
    update: (entity, id, values, checks) =>
      write(`${entity} ${id}`, () => system.update(entity, id, values, checks)),
  };
}
