/**
 * Table and Queue Storage for the local stack and for tests: the real emulator, started inside this process.
 * Azurite has no importable entry point outside an editor, so its two servers are loaded by path; the exact
 * version in package.json is what makes that safe.
 */
import { mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { leaveOutTelemetry } from './launch/leave-out-telemetry.js';

export interface AzuriteOptions {
  /** Where the data survives a restart. Left out: everything lives in memory and ends with `close`. */
  directory?: string;
  /** 0 or left out: any free port. */
  tablePort?: number;
  queuePort?: number;
}

export interface Azurite {
  /** For the storage SDKs. Table clients also need `allowInsecureConnection`, as this is plain http. */
  connectionString: string;
  /** Base URLs of the account, without a trailing slash. */
  tablesUrl: string;
  queuesUrl: string;
  /** Writes what is on disk and frees the ports. Calling it again is harmless. */
  close(): Promise<void>;
}

interface EmulatorServer {
  httpServer: Server;
  metadataStore: {
    db: { autosaveInterval: number; autosaveDisable(): void; autosaveEnable(): void };
  };
  start(): Promise<void>;
  close(): Promise<void>;
}

type Constructor<T> = new (...args: unknown[]) => T;

/** The account every Azurite has; its key is published in the emulator's documentation and protects nothing. */
const ACCOUNT = 'devstoreaccount1';
const ACCOUNT_KEY =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

const HOST = '127.0.0.1';
const KEEP_ALIVE_S = 5;
/** A save writes the whole database: every five seconds, as is usual, it takes most of the time at 100,000 rows. */
const SAVE_EVERY_MS = 60_000;

/** What a module of the emulator exports, by its path without the ending. */
export type Load = (file: string) => unknown;

const load = createRequire(import.meta.url);
const loadFromPackage: Load = (file) => {
  leaveOutTelemetry();
  return load(`azurite/dist/src/${file}.js`);
};
const classOf = <T>(module: unknown, name = 'default'): Constructor<T> =>
  (module as Record<string, Constructor<T>>)[name]!;

/** The settings that follow the storage paths in both configurations, in the emulator's positional order. */
const sharedSettings = (inMemory: boolean): unknown[] => [
  undefined, // debug log file
  false, // loose mode
  true, // skip the API version check: an SDK newer than the emulator would get 400 otherwise
  '', // certificate
  '', // certificate key
  '', // certificate password
  undefined, // OAuth
  true, // no product-style URLs
  inMemory,
];

const createTableServer = (modules: Load, port: number, directory: string | undefined): EmulatorServer => {
  const Configuration = classOf<object>(modules('table/TableConfiguration'));
  const TableServer = classOf<EmulatorServer>(modules('table/TableServer'));
  const database = path.join(directory ?? '', '__azurite_db_table__.json');
  const logs = [false, false, undefined]; // debug log, access log, its stream
  const shared = sharedSettings(directory === undefined);
  return new TableServer(new Configuration(HOST, port, KEEP_ALIVE_S, database, ...logs, ...shared));
};

const createQueueServer = (modules: Load, port: number, directory: string | undefined): EmulatorServer => {
  const Configuration = classOf<object>(modules('queue/QueueConfiguration'));
  const QueueServer = classOf<EmulatorServer>(modules('queue/QueueServer'));
  const ChunkStore = classOf<object>(
    modules('common/persistence/MemoryExtentStore'),
    'MemoryExtentChunkStore',
  );
  const inDirectory = (name: string): string => path.join(directory ?? '', name);
  const files = [
    inDirectory('__azurite_db_queue__.json'),
    inDirectory('__azurite_db_queue_extent__.json'),
    [{ locationId: 'Default', locationPath: inDirectory('__queuestorage__'), maxConcurrency: 1 }],
  ];
  const logs = [false, undefined, false]; // access log, its stream, debug log
  const shared = sharedSettings(directory === undefined);
  // A chunk store of its own, so that emulators in one process do not share a memory limit.
  return new QueueServer(
    new Configuration(HOST, port, KEEP_ALIVE_S, ...files, ...logs, ...shared, new ChunkStore()),
  );
};

const saveLessOften = ({ metadataStore: { db } }: EmulatorServer): void => {
  db.autosaveDisable();
  db.autosaveInterval = SAVE_EVERY_MS;
  db.autosaveEnable();
};

const portOf = (server: EmulatorServer): number => {
  const address = server.httpServer.address();
  if (address === null || typeof address === 'string') throw new Error('the emulator is not listening');
  return address.port;
};

const closeServer = async (server: EmulatorServer): Promise<void> => {
  await server.close();
  // The emulator stops accepting but leaves kept-alive connections open, which would hold the process.
  server.httpServer.closeAllConnections();
};

/** Starts a table and a queue endpoint on loopback. Rejects when a port is taken; nothing stays open then. */
export const startAzurite = async (
  options: AzuriteOptions = {},
  modules: Load = loadFromPackage,
): Promise<Azurite> => {
  if (options.directory !== undefined) mkdirSync(options.directory, { recursive: true });
  const tables = createTableServer(modules, options.tablePort ?? 0, options.directory);
  const queues = createQueueServer(modules, options.queuePort ?? 0, options.directory);
  if (options.directory !== undefined) saveLessOften(tables);
  await tables.start();
  try {
    await queues.start();
  } catch (error) {
    await closeServer(tables);
    throw error;
  }
  const tablesUrl = `http://${HOST}:${portOf(tables)}/${ACCOUNT}`;
  const queuesUrl = `http://${HOST}:${portOf(queues)}/${ACCOUNT}`;
  let closing: Promise<void> | undefined;
  const closeBoth = async (): Promise<void> => {
    await closeServer(queues);
    await closeServer(tables);
  };
  return {
    connectionString: [
      'DefaultEndpointsProtocol=http',
      `AccountName=${ACCOUNT}`,
      `AccountKey=${ACCOUNT_KEY}`,
      `TableEndpoint=${tablesUrl}`,
      `QueueEndpoint=${queuesUrl}`,
    ].join(';'),
    tablesUrl,
    queuesUrl,
    close: () => {
      closing ??= closeBoth();
      return closing;
    },
  };
};
