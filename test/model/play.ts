import { lostValues } from './oracle.js';
import { edit, FIELDS, type Flaw, holdSame, sync, type World } from './protocol.js';
import { createRandom, type Random } from './random.js';

/** Plays one history and says what is wrong in the end. */
export function playModel(seed: number, flaw: Flaw): readonly string[] {
  const random = createRandom(seed);
  const world: World = {
    a: { plain: 'e0', formed: 'e0~' },
    d: { plain: 'e0', formed: 'e0~' },
    dVersion: 1,
    link: {
      a: { plain: 'e0', formed: 'e0~' },
      d: { plain: 'e0', formed: 'e0~' },
      plan: [],
      claimedBy: 0,
      claimUntil: 0,
      forms: {},
      version: 1,
    },
    now: 0,
    edits: 0,
    writes: 0,
    flaw,
    happenings: FIELDS.flatMap((field) =>
      (['authScape', 'dynamics'] as const).map((side) => ({
        side,
        field,
        from: '',
        to: 'e0',
        by: 'server' as const,
      })),
    ),
    logged: new Set(),
  };
  makeNoise(world, random);
  return rest(world, random);
}

function makeNoise(world: World, random: Random): void {
  const workers: Generator<void, void, void>[] = [];
  let names = 0;
  const steps = 10 + random.below(80);
  for (let step = 0; step < steps; step += 1) {
    world.now += 1;
    const dice = random.next();
    if (dice < 0.12) {
      edit(world, random);
    } else if (dice < 0.25 && workers.length < 2) {
      names += 1;
      workers.push(sync(world, names));
    } else if (workers.length > 0) {
      const worker = random.pick(workers);
      const ends = random.chance(0.05) || worker.next().done === true;
      if (ends) workers.splice(workers.indexOf(worker), 1);
    }
  }
  for (const worker of workers) if (random.chance(0.5)) while (worker.next().done !== true) world.now += 1;
}

function rest(world: World, random: Random): readonly string[] {
  let before = world.writes;
  for (let round = 0; round < 8; round += 1) {
    before = world.writes;
    world.now += 100;
    const worker = sync(world, 1_000 + round + random.below(2));
    while (worker.next().done !== true) world.now += 1;
  }
  const faults = world.writes === before ? [] : ['never settles'];
  for (const field of FIELDS) {
    if (!holdSame(world.a[field], world.d[field])) {
      faults.push(`differs: ${field} ${world.a[field]} / ${world.d[field]}`);
    }
  }
  const lost = lostValues({
    name: 'pair',
    happenings: world.happenings,
    shown: {
      authScape: new Map(Object.entries(world.a)),
      dynamics: new Map(Object.entries(world.d)),
    },
    logged: (field, value) => world.logged.has(`${field} ${value}`),
  });
  return [...faults, ...lost];
}
