import type { Systems } from '../../src/application/ports/systems.js';
import { createMemoryAuthScape } from './memory-systems-authscape.js';
import { createMemoryDynamics, type MemoryDynamics } from './memory-systems-dynamics.js';
import type { MemoryAuthScape } from './memory-systems-records.js';
import { createWorld, type World } from './memory-systems-world.js';

export interface MemorySystems extends Systems {
  readonly world: World;
  readonly a: MemoryAuthScape;
  readonly d: MemoryDynamics;
}

/** Both outside systems in memory, with one clock and hooks around every call. */
export function createMemorySystems(world: World = createWorld()): MemorySystems {
  const a = createMemoryAuthScape(world);
  const d = createMemoryDynamics(world);
  return { world, a, d, authScape: async () => a.system, dynamics: async () => d.system };
}
