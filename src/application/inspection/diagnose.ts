import {
  type Findings,
  type MappingFindings,
  type MappingNumbers,
  type Recommendation,
  recommend,
  type SideNumbers,
} from '../../domain/diagnosis.js';
import { BridgeError } from '../../domain/errors.js';
import { type ResolvedMapping, resolveMapping } from '../../domain/fields.js';
import { evaluate, filterColumns } from '../../domain/filter.js';
import { matchKey } from '../../domain/match.js';
import { type Connection, dependencyOrder, type EntityMapping } from '../../domain/model.js';
import { dayOf } from '../../domain/stats.js';
import { requireConnection } from '../connections/manage-connections.js';
import { credentialExpiry } from '../connections/resolve-credentials.js';
import type { Clock } from '../ports/runtime.js';
import type { SecretStore } from '../ports/secret-store.js';
import type { StatsStore } from '../ports/stats.js';
import type { AuthScapeSystem, DynamicsSystem, Systems } from '../ports/systems.js';
import { listProblems, type Problem, type ProblemDeps } from './problems/list-problems.js';

export interface DiagnosisDeps extends ProblemDeps {
  readonly systems: Systems;
  readonly stats: Pick<StatsStore, 'days'>;
  readonly clock: Clock;
  readonly secrets: Pick<SecretStore, 'latest'>;
  /** The connection test. */
  readonly test: (connectionId: string) => Promise<{
    readonly steps: readonly {
      readonly name: string;
      readonly ok: boolean;
      readonly code?: string;
      readonly detail?: string;
    }[];
  }>;
  readonly webhook: (connectionId: string) => Promise<{
    readonly registration: unknown;
    readonly drift: readonly unknown[];
  }>;
}

export interface Diagnosis {
  readonly checkedAt: string;
  readonly mappings: readonly MappingNumbers[];
  readonly recommendations: readonly Recommendation[];
}

/** A caller waits for the answer: reading stops after this, and numbers are then of what was read. */
const READ_MS = 20_000;
const DAY_MS = 86_400_000;

/**
 * Counts the records of both sides by mapping and says in plain words what a person should do. Writes nothing. What cannot
 * be found out is left out; why is among the recommendations.
 */
export const diagnose =
  (deps: DiagnosisDeps) =>
  async (connectionId: string): Promise<Diagnosis> => {
    const { value: connection } = await requireConnection(deps, connectionId);
    const now = deps.clock.now();
    const [test, report, webhook, state, days] = await Promise.all([
      deps.test(connectionId),
      listProblems(deps)(connectionId),
      orNull(() => deps.webhook(connectionId)),
      deps.connections.getState(connectionId),
      deps.stats.days(connectionId, dayOf(now - DAY_MS), dayOf(now - DAY_MS)),
    ]);
    const read = await orNull(() => readMappings(deps, connection, now + READ_MS));
    const findings: Findings = {
      ...{ connection, state, now },
      credentialExpiresAt: await orNull(() => credentialExpiry(deps)(connection)),
      mappings: read?.mappings.map(({ findings: each }) => each) ?? [],
      failedSteps: test.steps.flatMap(({ name, ok, code = 'internal_error', detail = '' }) =>
        ok ? [] : [{ name, code, detail }],
      ),
      webhook:
        webhook === null ? null : { registered: webhook.registration !== null, drift: webhook.drift.length },
      clockOffsets: read?.clockOffsets ?? { authScape: null, dynamics: null },
      dynamicsRequestsPerDay: days.get(dayOf(now - DAY_MS))?.requests.dynamics ?? 0,
      problems: report.counts,
    };
    return {
      checkedAt: new Date(now).toISOString(),
      mappings: read?.mappings.map(({ numbers }) => withProblems(numbers, report.problems)) ?? [],
      recommendations: recommend(findings),
    };
  };

/** What an outside system refuses is told by the connection test. */
async function orNull<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BridgeError) return null;
    throw error;
  }
}

type BareNumbers = Omit<MappingNumbers, 'failed' | 'waiting' | 'held'>;

function withProblems(numbers: BareNumbers, problems: readonly Problem[]): MappingNumbers {
  const own = problems.filter(({ mappingId }) => mappingId === numbers.mappingId);
  const countOf = (kinds: readonly string[]) => own.filter(({ kind }) => kinds.includes(kind)).length;
  return {
    ...numbers,
    failed: countOf(['failed']),
    waiting: countOf(['ambiguous', 'skipped']),
    held: countOf(['held']),
  };
}

interface ReadMapping {
  readonly findings: MappingFindings;
  readonly numbers: BareNumbers;
}

async function readMappings(deps: DiagnosisDeps, connection: Connection, deadline: number) {
  const [dynamics, authScape] = await Promise.all([
    deps.systems.dynamics(connection),
    deps.systems.authScape(),
  ]);
  const stored = (await deps.mappings.list(connection.id)).map(({ value }) => value);
  const mappings: ReadMapping[] = [];
  for (const mapping of stored.filter(({ enabled }) => enabled).sort(dependencyOrder)) {
    const [entity, table] = await Promise.all([
      authScape.schema(mapping.authScapeEntity),
      dynamics.table(mapping.crmEntity),
    ]);
    if (table === undefined) continue;
    const resolved = resolveMapping(connection, mapping, entity, table);
    const linked = await deps.links.count(connection.id, mapping.id);
    const [a, d] = await Promise.all([
      countAuthScape(deps, authScape, resolved, deadline),
      countDynamics(deps, dynamics, resolved, deadline),
    ]);
    mappings.push({
      findings: findingsOf(resolved),
      numbers: {
        ...namesOf(mapping),
        authScape: withLinks(a, linked),
        dynamics: { ...withLinks(d, linked), totalIsEstimate: !d.isComplete },
      },
    });
  }
  return {
    mappings,
    clockOffsets: { authScape: authScape.clockOffset(), dynamics: dynamics.clockOffset() },
  };
}

function namesOf({ authScapeEntity, crmEntity, id }: EntityMapping) {
  return { mappingId: id, entity: authScapeEntity, crmEntity };
}

function findingsOf({ mapping, matchFields, resting, schema }: ResolvedMapping): MappingFindings {
  return {
    ...namesOf(mapping),
    changeTracking: schema.changeTracking,
    hasMatchKey: matchFields.length > 0,
    resting: resting.map(({ name }) => name),
  };
}

interface Counted {
  readonly total: number;
  readonly active: number;
  readonly withoutMatchKey: number;
  readonly isComplete: boolean;
}

function withLinks({ total, active, withoutMatchKey }: Counted, linked: number): SideNumbers {
  return { total, active, linked, unlinked: Math.max(0, total - linked), withoutMatchKey };
}

/** Lookups are no part of the key here: whether their target is linked says nothing of the record. */
function plainKey({ matchFields }: ResolvedMapping) {
  return matchFields.filter(({ lookup }) => lookup === null);
}

async function countAuthScape(
  deps: Pick<DiagnosisDeps, 'clock'>,
  authScape: AuthScapeSystem,
  resolved: ResolvedMapping,
  deadline: number,
): Promise<Counted> {
  const fields = plainKey(resolved).filter(({ inList }) => inList);
  const keys = fields.flatMap((field) => [field.aKey, ...field.sources]);
  const seen = new Map<string, { active: boolean; keyless: boolean }>();
  let position: string | null = null;
  do {
    const page: Awaited<ReturnType<AuthScapeSystem['scan']>> = await authScape.scan(
      resolved.mapping.authScapeEntity,
      { keys, detail: false },
      position,
    );
    for (const { id, active, values } of page.records) {
      const keyless = fields.length > 0 && matchKey(fields, { side: 'authScape', values }) === null;
      seen.set(id, { active, keyless });
    }
    position = page.next;
  } while (position !== null && deps.clock.now() < deadline);
  return counted([...seen.values()], position === null);
}

async function countDynamics(
  deps: Pick<DiagnosisDeps, 'clock'>,
  dynamics: DynamicsSystem,
  resolved: ResolvedMapping,
  deadline: number,
): Promise<Counted> {
  const { filter, mapping } = resolved;
  const fields = plainKey(resolved);
  const wanted = [...fields.map(({ column }) => column), ...(filter === null ? [] : filterColumns(filter))];
  const seen: { active: boolean; keyless: boolean }[] = [];
  let from: Parameters<DynamicsSystem['changes']>[2] = { kind: 'start', tracked: false };
  for (;;) {
    const page = await dynamics.changes(mapping.crmEntity, [...new Set(wanted)], from);
    for (const { active, values } of page.rows) {
      if (filter !== null && !evaluate(filter, values)) continue;
      const keyless = fields.length > 0 && matchKey(fields, { side: 'dynamics', values }) === null;
      seen.push({ active, keyless });
    }
    if (page.next === null) return counted(seen, true);
    if (deps.clock.now() >= deadline) return counted(seen, false);
    from = { kind: 'page', link: page.next };
  }
}

function counted(
  records: readonly { readonly active: boolean; readonly keyless: boolean }[],
  isComplete: boolean,
): Counted {
  return {
    total: records.length,
    active: records.filter(({ active }) => active).length,
    withoutMatchKey: records.filter(({ keyless }) => keyless).length,
    isComplete,
  };
}
