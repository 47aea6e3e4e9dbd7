import type { Clock } from '../../application/ports/runtime.js';
import type { HttpRequest } from '../http/client.js';
import { sizeOfPart } from './batch-body.js';

/**
 * Batches at once. Parts are carried out one after the other, and four at a time is what Dataverse grants to a user in the long
 * run (1,200 s of work within 300 s); it leaves half the usual places of a connection to reads of many rows.
 */
const SLOTS = 4;
/** Short beside what a row takes, long enough for several records to meet. */
const GATHER_MS = 25;
const MAX_BYTES = 1024 * 1024;

interface Waiting {
  readonly request: HttpRequest;
  readonly record: string;
}

export interface GatheringOptions<P extends Waiting> {
  readonly clock: Clock;
  /** How many may be sent together now. */
  size(): number;
  /** Never fails. */
  send(first: P, more: readonly P[]): Promise<void>;
}

/**
 * Lets requests that come at the same time go out together. At rest they go after one turn of the event loop. While others
 * are under way they gather for a moment, and until some come back when as many as may be are out. What makes up a full
 * batch does not wait.
 */
export function createGathering<P extends Waiting>(options: GatheringOptions<P>): { add(part: P): void } {
  const { clock, send, size } = options;
  const waiting: P[] = [];
  let underWay = 0;
  let isGathering = false;

  function pump(): void {
    while (underWay < SLOTS && waiting.length >= size()) start();
    if (isGathering || underWay >= SLOTS || waiting.length === 0) return;
    isGathering = true;
    void (underWay === 0 ? turn() : clock.sleep(GATHER_MS)).then(() => {
      isGathering = false;
      if (underWay < SLOTS) start();
      pump();
    });
  }

  function start(): void {
    const [first, ...more] = takeBatch(waiting, size());
    if (first === undefined) return;
    underWay += 1;
    void send(first, more).finally(() => {
      underWay -= 1;
      pump();
    });
  }

  return {
    add: (part) => {
      waiting.push(part);
      pump();
    },
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Takes parts in their order, as many as fit. Left are those that sign in otherwise than the first, and those of a row that
 * has a part before them.
 */
function takeBatch<P extends Waiting>(waiting: P[], limit: number): P[] {
  const batch: P[] = [];
  const left: P[] = [];
  const rows = new Set<string>();
  const token = waiting[0]?.request.headers?.Authorization;
  let bytes = 0;
  for (const part of waiting) {
    const { headers } = part.request;
    const size = sizeOfPart(part.request);
    const fits = batch.length === 0 || (batch.length < limit && bytes + size <= MAX_BYTES);
    if (fits && headers?.Authorization === token && !rows.has(part.record)) {
      batch.push(part);
      bytes += size;
    } else {
      left.push(part);
    }
    rows.add(part.record);
  }
  waiting.splice(0, waiting.length, ...left);
  return batch;
}
