import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './template.js';

/** The platform sets these itself. */
const OF_THE_PLATFORM = ['IDENTITY_ENDPOINT', 'WEBSITE_SITE_NAME', 'WEBSITE_INSTANCE_ID'];
/** A key, and a redirection of hosts: for local runs only. */
const LOCAL_ONLY = ['AzureWebJobsStorage', 'DATAVERSE_HOST_MAP'];
/** Stands for the addresses of the services, which are given instead. */
const INSTEAD_OF_ADDRESSES = ['AzureWebJobsStorage__accountName'];
/** Read by the host, not by the app. */
const FOR_THE_HOST = [
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__credential',
  'SYNC_SCHEDULE',
];

/** All settings that a deployment has to give: what the app reads, and what its host reads. */
export function settingsToGive(): readonly string[] {
  const source = readFileSync(path.join(root, 'src/config.ts'), 'utf8');
  const [, shape = ''] = /const SETTINGS = z\.object\(\{\n(.*?)\n\}\);/s.exec(source) ?? [];
  const known = [...shape.matchAll(/^ {2}(\w+):/gm)].map(([, name = '']) => name);
  const left = new Set([...OF_THE_PLATFORM, ...LOCAL_ONLY, ...INSTEAD_OF_ADDRESSES]);
  return [...known.filter((name) => !left.has(name)), ...FOR_THE_HOST].sort();
}

/** Names of tables and queues that the app uses, by its own sources; each queue with its poison queue. */
export function storageNames(): { readonly tables: readonly string[]; readonly queues: readonly string[] } {
  const read = (file: string): string => readFileSync(path.join(root, 'src', file), 'utf8');
  const [, union = ''] = /type TableName =(.*?);/s.exec(read('adapters/storage/table.ts')) ?? [];
  const quoted = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = '']) => name);
  const queues = quoted(read('adapters/storage/job-queue.ts'), /_QUEUE = '([^']+)'/g);
  return {
    tables: quoted(union, /'(\w+)'/g).sort(),
    queues: queues.flatMap((name) => [name, `${name}-poison`]).sort(),
  };
}

/** Flex Consumption keeps these in its own part of the app or refuses them. */
export const REFUSED_BY_FLEX =
  /^(FUNCTIONS_WORKER_RUNTIME|FUNCTIONS_EXTENSION_VERSION|WEBSITE_NODE_DEFAULT_VERSION|WEBSITE_RUN_FROM_PACKAGE|WEBSITE_CONTENT.*|SCM_DO_BUILD_DURING_DEPLOYMENT|ENABLE_ORYX_BUILD|FUNCTIONS_WORKER_PROCESS_COUNT)$/;
