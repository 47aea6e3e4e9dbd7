/** What the service tells a monitoring system about its own work: ids and counts, never values of records. */
export type Labels = Readonly<Record<string, string | number | boolean>>;

export type CounterName =
  /** Records that a sync was done with; `outcome`, `trigger` (run, event). */
  | 'bridge.records'
  /** Requests that were answered, or not; `side`, `status` (the HTTP status, or what went wrong instead). */
  | 'bridge.requests'
  /** Events that were worked on to the end; `echo`: nothing was left to do. */
  | 'bridge.events'
  /** `code`: why. */
  | 'bridge.dead_letters'
  /** Changes that the guard holds, as they become so; `category`. */
  | 'bridge.held_changes'
  /** Runs that ended, or wait for a person; `status`, `mode`, `trigger`. */
  | 'bridge.runs'
  /** Calls of the API; `function`, `status`. */
  | 'bridge.api.answers'
  | 'bridge.timer.ticks';

/** All in milliseconds. */
export type DurationName =
  /** What was waited for another system, or put off; `reason`. */
  | 'bridge.wait'
  /** From when a message was put on its queue until a worker took it, intended delays included; `function`. */
  | 'bridge.queue.age'
  /** From when an event arrived until both sides agreed. */
  | 'bridge.event.latency';

export interface Metrics {
  count(name: CounterName, n: number, labels?: Labels): void;
  duration(name: DurationName, ms: number, labels?: Labels): void;
}

export interface SpanStart {
  readonly name: string;
  /** `consumer`: works on a message. */
  readonly kind: 'internal' | 'consumer';
  /** The W3C `traceparent` of what caused the work; without it, a trace begins. */
  readonly parent?: string | undefined;
  /** The `traceparent` of another trace that the work belongs to as well. */
  readonly link?: string | undefined;
  readonly labels?: Labels;
}

export interface Telemetry extends Metrics {
  /** Runs work as a span of a trace. What it throws marks the span, by its kind only, and is thrown on. */
  span<T>(start: SpanStart, work: () => Promise<T>): Promise<T>;
  /** The W3C `traceparent` of the span under way; undefined where nothing is traced. */
  traceparent(): string | undefined;
  /** Sends what is left. */
  close(): Promise<void>;
}
