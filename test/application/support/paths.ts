import type { AuthScapeEntity, Side } from '../../../src/domain/model.js';
import type { Harness } from './harness.js';

/** The ways on which a change reaches the other side. */
export type Path = 'full run' | 'incremental run' | 'event' | 'single record' | 'dry run';

export const PATHS: readonly (readonly [Path])[] = [
  ['full run'],
  ['incremental run'],
  ['event'],
  ['single record'],
  ['dry run'],
];

export interface Subject {
  readonly side: Side;
  /** Entity or table. */
  readonly entity: string;
  readonly id: string;
}

export interface Done {
  readonly codes: readonly string[];
  readonly fields: readonly string[];
  readonly outcomes: readonly string[];
  readonly runId: string | undefined;
  readonly status: string | undefined;
}

/** Brings one record into step on one of the ways, and what was told of it. */
export async function viaPath(bridge: Harness, path: Path, subject: Subject): Promise<Done> {
  const seen = new Set((await bridge.logs()).map(({ id }) => id));
  const runId = await walk(bridge, path, subject);
  const entries = runId === undefined ? await bridge.logs() : await bridge.logs(runId);
  const fresh = entries.filter(({ id }) => !seen.has(id));
  return {
    codes: [...new Set(fresh.flatMap(({ error }) => error?.code ?? []))],
    fields: [...new Set(fresh.flatMap(({ error }) => error?.field ?? []))],
    outcomes: fresh.map(({ outcome }) => outcome),
    runId,
    status: runId === undefined ? undefined : (await bridge.getRun(runId)).status,
  };
}

async function walk(bridge: Harness, path: Path, { side, entity, id }: Subject): Promise<string | undefined> {
  switch (path) {
    case 'full run':
      return (await bridge.sync('full')).id;
    case 'incremental run':
      return (await bridge.sync('incremental')).id;
    case 'dry run':
      return (await bridge.sync('full', { dryRun: true })).id;
    case 'event':
      await bridge.event(side === 'authScape' ? 'authScape' : 'dynamics', entity, id);
      await bridge.drain();
      return undefined;
    case 'single record':
      if (side === 'dynamics') await bridge.engine.records.dynamics(bridge.connection.id, entity, id);
      else await bridge.engine.records.authScape(entity as AuthScapeEntity, id);
      return undefined;
  }
}
