import type { Random } from '../../model/random.js';
import type { Journey } from './journey.js';
import type { PersonsAct } from './mirror.js';
import type { InjectedFault, Simulator } from './simulator.js';

/** A fault of one record, in place until that step. */
interface LastingFault {
  readonly simulator: Simulator;
  readonly fault: InjectedFault;
  readonly until: number;
}

/** What real services say of a record, some of it about quite another one. */
const DYNAMICS_REFUSALS: readonly Pick<InjectedFault, 'status' | 'code'>[] = [
  { status: 404, code: '0x80040217' },
  { status: 500, code: '0x80040224' },
  { status: 500, code: '0x8004418d' },
  { status: 403, code: '0x80040220' },
  { status: 412, code: '0x80073002' },
  { status: 412, code: '0x80040237' },
  { status: 400, code: '0x8004ffff' },
  { status: 400, code: '0x80040265' },
];
const AUTHSCAPE_REFUSALS: readonly Pick<InjectedFault, 'status'>[] = [
  { status: 500 },
  { status: 403 },
  { status: 400 },
  { status: 404 },
];
const ONE_RECORD_ROUTES: Readonly<Record<string, readonly string[]>> = {
  User: ['PUT UpdateUser', 'GET GetUser'],
  Company: ['POST UpdateCompany', 'GET GetCompany'],
  Location: ['POST UpdateLocation', 'GET GetLocation'],
};

/** Refusals of single records that come, last for some steps of the noise and go. */
export function createRefusals({ authScape, dynamics }: Journey, random: Random) {
  let lasting: LastingFault[] = [];

  async function post(faults: readonly LastingFault[]): Promise<void> {
    for (const { simulator, fault } of faults) await simulator.faults(fault);
  }

  return {
    /** One record that a person has edited is refused from now on. */
    async begin(step: number, acts: readonly PersonsAct[], lines: string[]): Promise<void> {
      if (acts.length === 0) return;
      const { source, entity, id } = random.pick(acts);
      const isDynamics = source === 'dynamics';
      const routes = isDynamics ? [`PATCH ${entity}s`, `GET ${entity}s`] : ONE_RECORD_ROUTES[entity];
      const answer = random.pick(isDynamics ? DYNAMICS_REFUSALS : AUTHSCAPE_REFUSALS);
      const fault = { match: random.pick(routes ?? ['PUT UpdateUser']), row: id, ...answer };
      lines.push(`refused: ${JSON.stringify(fault)}`);
      const simulator = isDynamics ? dynamics : authScape;
      const one = { simulator, fault, until: step + 5 + random.below(25) };
      lasting.push(one);
      await post([one]);
    },
    /** Those whose time is over go; faults can only be cleared as a whole. */
    async end(step: number, lines: string[]): Promise<void> {
      const left = lasting.filter(({ until }) => until > step);
      if (left.length === lasting.length) return;
      lines.push('refusals end');
      lasting = left;
      await Promise.all([dynamics.clearFaults(), authScape.clearFaults()]);
      await post(lasting);
    },
    /** After all faults were cleared for a person's sake. */
    putBack: () => post(lasting),
  };
}
