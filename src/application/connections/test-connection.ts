import { BridgeError, type ErrorCode } from '../../domain/errors.js';
import type { Connection } from '../../domain/model.js';
import type { Clock, Logger } from '../ports/runtime.js';
import type { ConnectionStore } from '../ports/stores.js';
import type { ConnectionProbe, DynamicsIdentity } from '../ports/systems.js';
import { within } from '../shared/time-limit.js';
import { requireConnection } from './manage-connections.js';

export interface TestStep {
  readonly name: string;
  readonly ok: boolean;
  readonly durationMs: number;
  readonly code?: ErrorCode;
  readonly detail?: string;
  readonly hint?: string;
}

export interface ConnectionTest {
  readonly ok: boolean;
  /** In the order of the contract; each side ends with its first failure. */
  readonly steps: readonly TestStep[];
  readonly identity?: DynamicsIdentity;
}

export interface TestConnectionDeps {
  readonly connections: ConnectionStore;
  readonly probe: ConnectionProbe;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** All steps together take no longer than this. */
const OVERALL_MS = 30_000;

interface Step {
  readonly name: string;
  readonly run: () => Promise<unknown>;
}

/** Tries everything that a sync needs, on both sides at once; a failing step is an answer, not an error. */
export const testConnection =
  (deps: TestConnectionDeps) =>
  async (id: string): Promise<ConnectionTest> => {
    const { value: connection } = await requireConnection(deps, id);
    const deadline = deps.clock.now() + OVERALL_MS;
    const found: { identity?: DynamicsIdentity } = {};
    const [dynamics, authScape] = await Promise.all([
      runSteps(deps, deadline, dynamicsSteps(deps.probe, connection, found)),
      runSteps(deps, deadline, [
        { name: 'authScape token', run: () => deps.probe.authScapeToken() },
        { name: 'authScape module', run: () => deps.probe.authScapeModule() },
      ]),
    ]);
    const steps = [...dynamics, ...authScape];
    return { ok: steps.every((step) => step.ok), steps, ...found };
  };

function dynamicsSteps(
  probe: ConnectionProbe,
  connection: Connection,
  found: { identity?: DynamicsIdentity },
): readonly Step[] {
  return [
    { name: 'token', run: () => probe.token(connection) },
    {
      name: 'whoAmI',
      run: async () => {
        found.identity = await probe.whoAmI(connection);
      },
    },
    { name: 'read contact', run: () => probe.readContact(connection) },
    { name: 'write contact', run: () => probe.writeContact(connection) },
    { name: 'change tracking', run: () => probe.changeTracking(connection) },
  ];
}

async function runSteps(
  deps: Pick<TestConnectionDeps, 'clock' | 'logger'>,
  deadline: number,
  steps: readonly Step[],
): Promise<readonly TestStep[]> {
  const done: TestStep[] = [];
  for (const step of steps) {
    const started = deps.clock.now();
    const failure = await attempt(deps, deadline - started, step);
    const durationMs = deps.clock.now() - started;
    done.push({ name: step.name, ok: failure === undefined, durationMs, ...failure });
    if (failure !== undefined) break;
  }
  return done;
}

type Failure = Pick<TestStep, 'code' | 'detail' | 'hint'>;

async function attempt(
  deps: Pick<TestConnectionDeps, 'clock' | 'logger'>,
  ms: number,
  step: Step,
): Promise<Failure | undefined> {
  const work = step.run().then(
    () => undefined,
    (error: unknown) => describe(deps.logger, step.name, error),
  );
  return within<Failure | undefined>(deps.clock, Math.max(ms, 0), work, () => ({
    code: 'connection_timeout',
    detail: `The step "${step.name}" gave no answer in time.`,
    hint: 'Check the network between this service and the system, and that the environment is a bare domain.',
  }));
}

function describe(logger: Logger, step: string, error: unknown): Failure {
  if (error instanceof BridgeError) {
    return {
      code: error.code,
      detail: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    };
  }
  logger.error('A step of a connection test failed unexpectedly', { step, error });
  return { code: 'internal_error', detail: 'The step failed for a reason that was logged.' };
}
