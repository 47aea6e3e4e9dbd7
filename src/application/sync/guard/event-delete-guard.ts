import { guardLimit } from '../../../domain/deletes.js';
import type { Link } from '../../../domain/link.js';
import type { EngineDeps } from '../../shared/engine-deps.js';
import type { SyncContext } from '../context/sync-context.js';
import { heldByRuns } from './held-changes.js';

const HOUR = 3_600_000;
const COUNT_MS = 60_000;

/** The mass guard of events: what they remove or clear within an hour, per connection. */
export class EventGuard {
  readonly #deps: Pick<EngineDeps, 'connections' | 'backlog' | 'runs'>;
  readonly #counted = new Map<string, { readonly links: number; readonly at: number }>();

  constructor(deps: Pick<EngineDeps, 'connections' | 'backlog' | 'runs'>) {
    this.#deps = deps;
  }

  /**
   * Books one entry per category; false (and nothing booked) when a category would exceed the guard, or when a run holds
   * such a change of the pair until a person decides.
   */
  async admit(
    context: SyncContext,
    { mappingId, authScapeId }: Pick<Link, 'mappingId' | 'authScapeId'>,
    categories: readonly string[],
  ): Promise<boolean> {
    if (context.dryRun || context.connection.massDeleteGuard === null) return true;
    const keys = categories.map((category) => ({ authScapeId, category }));
    const { waiting } = await heldByRuns(this.#deps, context.connection.id, mappingId, keys);
    if (waiting.length > 0) return false;
    const links = await this.#countLinks(context);
    const limit = guardLimit(context.connection.massDeleteGuard, links);
    let admitted = true;
    await this.#deps.connections.updateState(context.connection.id, (state) => {
      const now = context.clock.now();
      const next: Record<string, readonly number[]> = {};
      for (const [category, times] of Object.entries(state.guardedEvents)) {
        const recent = times.filter((time) => now - time < HOUR);
        if (recent.length > 0) next[category] = recent;
      }
      admitted = categories.every((category) => (next[category]?.length ?? 0) < limit);
      if (!admitted) return state;
      for (const category of categories) next[category] = [...(next[category] ?? []), now];
      return { ...state, guardedEvents: next };
    });
    return admitted;
  }

  /** Counting reads all links: in a flood of deletes a count serves for a while. */
  async #countLinks({ clock, connection, links, mappings }: SyncContext): Promise<number> {
    const known = this.#counted.get(connection.id);
    if (known !== undefined && clock.now() - known.at < COUNT_MS) return known.links;
    let total = 0;
    for (const { mapping } of mappings) total += await links.count(connection.id, mapping.id);
    this.#counted.set(connection.id, { links: total, at: clock.now() });
    return total;
  }
}
