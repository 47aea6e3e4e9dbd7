import type { Random } from '../../model/random.js';
import type { Journey } from './journey.js';

/** What people do to the service itself while it works: a link parted, a mapping off and on, a run cancelled. */
export interface Doors {
  act(random: Random): Promise<string>;
  /** Every mapping is on again. */
  close(): Promise<void>;
}

export function createDoors({ api }: Journey, connectionId: string, mappingIds: readonly string[]): Doors {
  const path = `connections/${connectionId}`;
  const enable = (id: string, enabled: boolean) =>
    api.ask('PATCH', `${path}/mappings/${id}`, { body: { enabled } });

  async function part(random: Random): Promise<string> {
    const links = await api.links(connectionId, random.pick(['', '?state=tombstone']));
    if (links.length === 0) return 'no link to part';
    const { id, authScapeId, state } = random.pick(links);
    const { status } = await api.ask('DELETE', `${path}/links/${id}`);
    return `unlinks ${authScapeId} (${state}): ${status}`;
  }

  async function toggle(random: Random): Promise<string> {
    const id = random.pick(mappingIds);
    const enabled = random.chance(0.6);
    const { status } = await enable(id, enabled);
    return `mapping ${id} ${enabled ? 'on' : 'off'}: ${status}`;
  }

  async function cancel(): Promise<string> {
    const run = (await api.runs(connectionId)).find(
      ({ status }) => status === 'running' || status === 'queued',
    );
    if (run === undefined) return 'no run to cancel';
    return `cancels ${run.id}: ${(await api.ask('POST', `runs/${run.id}/cancel`)).status}`;
  }

  return {
    act: (random) => random.pick([part, part, toggle, cancel])(random),
    async close() {
      for (const id of mappingIds) await enable(id, true);
    },
  };
}
