import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Tenant, application and secret of an application user. */
export interface ApplicationCredentials {
  tenantId: string;
  clientId: string;
  clientSecret: string;
}

/** Addresses and keys of a running stack; URLs have no trailing slash. */
export interface StackInfo {
  functions: string;
  functionsKey: string;
  dataverse: string;
  authScape: string;
  entra: string;
  keyVault: string;
  tables: string;
  queues: string;
  /** Domain to put into a connection. */
  environment: string;
  /** What a connection uses. */
  credentials: ApplicationCredentials;
  /** Another application user with full rights, for edits that count as a person's. */
  editor: ApplicationCredentials;
  /** The same for AuthScape. */
  authScapeCredentials: { clientId: string; clientSecret: string; scope: string };
  /** Only with `STACK_AUTH=app`: where people sign in, and who they are. */
  issuer?: string;
  users?: readonly { name: string; password: string; roles: readonly string[] }[];
  connectionId?: string;
  pids: {
    stack: number;
    functions: number;
    azurite: number;
    simulators: number;
    /** Only with `STACK_TABLES=own`: what serves tables in place of Azurite. */
    tables?: number;
    /** Only with `STACK_WORKERS`: the Functions processes beside the first. */
    workers?: number[];
  };
}

/** Opens the console signed in. The key is in the fragment, which browsers send nowhere. */
export function consoleLink({ functions, functionsKey }: StackInfo): string {
  return `${functions}/api/console/#key=${encodeURIComponent(functionsKey)}`;
}

/** Writes the file whole, readable for its owner only: who sees it sees it complete. */
export function writeStackFile(file: string, info: StackInfo): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify(info, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
}
