export type Lane = 'urgent' | 'bulk';

/** Places for calls, handed out in the order of asking within a lane, and to urgent calls before bulk ones. */
export interface Places {
  /** Waits for a place; answers whether others that came later went before. */
  enter(lane: Lane): Promise<{ wasOvertaken: boolean }>;
  /** Gives a place back. */
  leave(lane: Lane): void;
  /** Do all places that there are have a call, or does one wait? */
  isFull(): boolean;
  inUse(): number;
}

/** What bulk calls never take, as long as there is more than one place. */
const RESERVED = 1;
/** After so many urgent calls a bulk call that waits has its turn: a flood of events must not stop a run. */
const MOST_IN_A_ROW = 16;

/** `limit` is asked each time that a place is given; it is 1 at least. */
export function createPlaces(limit: () => number): Places {
  const waiting: Readonly<Record<Lane, (() => void)[]>> = { urgent: [], bulk: [] };
  const running: Record<Lane, number> = { urgent: 0, bulk: 0 };
  let urgentStarts = 0;
  let inARow = 0;
  const inUse = () => running.urgent + running.bulk;

  /** The lane whose first call may start now. */
  function nextLane(): Lane | undefined {
    const places = limit();
    if (inUse() >= places) return undefined;
    const forBulk = Math.max(1, places - RESERVED);
    const bulkMay = waiting.bulk.length > 0 && running.bulk < forBulk;
    if (waiting.urgent.length > 0 && !(bulkMay && inARow >= MOST_IN_A_ROW)) return 'urgent';
    return bulkMay ? 'bulk' : undefined;
  }

  function fill(): void {
    for (let lane = nextLane(); lane !== undefined; lane = nextLane()) {
      const start = waiting[lane].shift();
      running[lane] += 1;
      if (lane === 'urgent') urgentStarts += 1;
      inARow = lane === 'urgent' ? inARow + 1 : 0;
      start?.();
    }
  }

  return {
    async enter(lane) {
      const before = urgentStarts;
      const started = new Promise<void>((resolve) => waiting[lane].push(resolve));
      fill();
      await started;
      return { wasOvertaken: lane === 'bulk' && urgentStarts > before };
    },
    leave(lane) {
      running[lane] -= 1;
      fill();
    },
    isFull: () => waiting.urgent.length + waiting.bulk.length > 0 || inUse() >= limit(),
    inUse,
  };
}
