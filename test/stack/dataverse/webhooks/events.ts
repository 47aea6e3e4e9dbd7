import { randomUUID } from 'node:crypto';
import type { Call } from '../call.js';
import type { ApplicationUser } from '../environment.js';
import type { TableDefinition } from '../tables/schema.js';
import type { Row } from '../tables/table-store.js';

export type Message = 'Create' | 'Update' | 'Delete';

/** The operation behind an event; all events of one operation share it. */
export interface Origin {
  requestId: string;
  correlationId: string;
  /** Free text of the query option `tag`. */
  tag: string | undefined;
  /** Lower-case ids of the steps that the caller suppressed. */
  bypassedSteps: ReadonlySet<string>;
  bypassesAsync: boolean;
}

/** One committed change of a row. */
export interface DataEvent {
  message: Message;
  table: TableDefinition;
  id: string;
  before: Row | undefined;
  after: Row | undefined;
  /** Names of the columns that the request included, changed or not. */
  sent: ReadonlySet<string>;
  user: ApplicationUser;
  origin: Origin;
}

export type RowChange = Pick<DataEvent, 'table' | 'id' | 'before' | 'after' | 'user'>;
type Operation = Pick<Call, 'query' | 'headers'>;
type Listener = (event: DataEvent) => void;

const STATE_COLUMNS = ['statecode', 'statuscode'];

/** Collects the changes of a transaction and hands them on when it commits; without a listener it costs nothing. */
export class Outbox {
  #listener: Listener | undefined;
  #operation: Operation | undefined;
  #origin: Origin | undefined;
  /** Undefined outside of transactions, where no listener is told: rows that are seeded. */
  #waiting: DataEvent[] | undefined;

  listen(listener: Listener | undefined): void {
    this.#listener = listener;
  }

  /** What is announced from now on was caused by this operation. */
  begin(operation: Operation): void {
    this.#operation = operation;
    this.#origin = undefined;
  }

  open(): void {
    this.#waiting = [];
  }

  commit(): void {
    const events = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const event of events) {
      this.#listener?.(event);
    }
  }

  discard(): void {
    this.#waiting = undefined;
  }

  /** `sent` holds property names. State and other columns in one request make two updates. */
  announce(message: Message, change: RowChange, sent: Iterable<string> = []): void {
    if (this.#listener === undefined || this.#waiting === undefined) {
      return;
    }
    const names = new Set(
      [...sent].map((property) => change.table.byProperty.get(property)?.name ?? property),
    );
    for (const part of message === 'Update' ? parts(names) : [names]) {
      this.#waiting.push({ ...change, message, sent: part, origin: this.#currentOrigin() });
    }
  }

  #currentOrigin(): Origin {
    this.#origin ??= originOf(this.#operation);
    return this.#origin;
  }
}

function parts(names: ReadonlySet<string>): ReadonlySet<string>[] {
  if (!STATE_COLUMNS.some((name) => names.has(name))) {
    return [names];
  }
  const others = new Set([...names].filter((name) => !STATE_COLUMNS.includes(name)));
  const state = new Set(STATE_COLUMNS);
  return others.size === 0 ? [state] : [others, state];
}

function originOf(operation: Operation | undefined): Origin {
  const headers = operation?.headers ?? {};
  return {
    requestId: randomUUID(),
    correlationId: randomUUID(),
    tag: operation?.query.get('tag'),
    bypassedSteps: new Set(bypassedStepIds(headers)),
    bypassesAsync: bypassedLogic(headers).includes('customasync'),
  };
}

type Headers = Operation['headers'];

/** Steps that a request suppresses, lower case. */
export function bypassedStepIds(headers: Headers): string[] {
  return listed(headers['mscrm.bypassbusinesslogicexecutionstepids']);
}

/** Kinds of custom logic that a request suppresses, lower case. */
export function bypassedLogic(headers: Headers): string[] {
  return listed(headers['mscrm.bypassbusinesslogicexecution']);
}

function listed(header: string | undefined): string[] {
  const items = (header ?? '').toLowerCase().split(',');
  return items.map((item) => item.trim()).filter((item) => item !== '');
}
