import { BUILT_IN_FIELDS } from '../../src/adapters/authscape/fields.js';
import type {
  AuthScapeSystem,
  ConnectionProbe,
  DynamicsSystem,
  Systems,
} from '../../src/application/ports/systems.js';
import type { BridgeError } from '../../src/domain/errors.js';
import type { AuthScapeEntity } from '../../src/domain/model.js';
import type { AuthScapeRecord, DynamicsRow } from '../../src/domain/records.js';
import type { EntityField, TableSchema } from '../../src/domain/schema.js';
import { aContactTable, anAccountTable } from './builders.js';

/** Both outside systems as far as configuration and inspection look at them: schemas and lists. */
export interface ScriptedSystems extends Systems {
  readonly tables: Map<string, TableSchema>;
  readonly customFields: EntityField[];
  readonly records: Map<AuthScapeEntity, AuthScapeRecord[]>;
  readonly rows: Map<string, DynamicsRow[]>;
  /** While set, every call of that side fails with it. */
  faults: { dynamics?: BridgeError; authScape?: BridgeError };
}

function unscripted(name: string): never {
  throw new Error(`The scripted systems have no ${name}.`);
}

/** Calls that are not scripted fail loudly. */
function strict<T extends object>(methods: Partial<T>): T {
  return new Proxy(methods as T, {
    get: (target, name) =>
      name in target ? target[name as keyof T] : name === 'then' ? undefined : () => unscripted(String(name)),
  });
}

export function createScriptedSystems(): ScriptedSystems {
  const tables = new Map([
    ['contact', aContactTable()],
    ['account', anAccountTable()],
  ]);
  const customFields: EntityField[] = [];
  const records = new Map<AuthScapeEntity, AuthScapeRecord[]>();
  const rows = new Map<string, DynamicsRow[]>();
  const faults: ScriptedSystems['faults'] = {};
  const dynamics = strict<DynamicsSystem>({
    listTables: async () => [...tables.values()],
    table: async (name) => tables.get(name),
    changes: async (table) => ({
      rows: rows.get(table) ?? [],
      deletedIds: [],
      next: null,
      deltaLink: null,
    }),
  });
  const authScape = strict<AuthScapeSystem>({
    schema: async (entity) => ({ entity, fields: [...BUILT_IN_FIELDS[entity], ...customFields] }),
    identity: async () => ({ userId: null }),
    scan: async (entity) => ({ records: records.get(entity) ?? [], next: null, total: null }),
  });
  return {
    tables,
    customFields,
    records,
    rows,
    faults,
    dynamics: async () => {
      if (faults.dynamics) throw faults.dynamics;
      return dynamics;
    },
    authScape: async () => {
      if (faults.authScape) throw faults.authScape;
      return authScape;
    },
  };
}

export interface ScriptedProbe extends ConnectionProbe {
  failures: Partial<Record<keyof ConnectionProbe, BridgeError | Error | 'hang'>>;
}

/** A connection test in which everything works but for the named calls. */
export function createScriptedProbe(): ScriptedProbe {
  const failures: ScriptedProbe['failures'] = {};
  const answer = async (name: keyof ConnectionProbe): Promise<void> => {
    const failure = failures[name];
    if (failure === 'hang') await new Promise(() => {});
    else if (failure) throw failure;
  };
  return {
    failures,
    token: () => answer('token'),
    whoAmI: async () => {
      await answer('whoAmI');
      return { organizationId: 'org-1', userId: 'user-1' };
    },
    readContact: () => answer('readContact'),
    writeContact: () => answer('writeContact'),
    changeTracking: () => answer('changeTracking'),
    authScapeToken: () => answer('authScapeToken'),
    authScapeModule: () => answer('authScapeModule'),
  };
}
