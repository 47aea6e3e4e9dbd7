import { z } from 'zod';
import type { StackInfo } from '../launch/stack-file.js';

const recordSchema = z.record(z.string(), z.unknown());
const authScapeSchema = z.object({
  users: z.array(recordSchema),
  companies: z.array(recordSchema),
  locations: z.array(recordSchema),
});
const dynamicsSchema = z.object({ contacts: z.array(recordSchema), accounts: z.array(recordSchema) });

export type SideRecord = z.infer<typeof recordSchema>;

/** All rows of both sides as the simulators hold them. */
export interface Sides {
  authScape: z.infer<typeof authScapeSchema>;
  dynamics: z.infer<typeof dynamicsSchema>;
}

async function simulator(url: string, method: string, route: string, body?: unknown): Promise<unknown> {
  const reply = await fetch(`${url}/_sim/${route}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  if (!reply.ok) {
    throw new Error(`${method} ${url}/_sim/${route} answered ${reply.status}: ${text}`);
  }
  return text === '' ? undefined : JSON.parse(text);
}

/** 200 users, half of them contacts already, 20 companies, 30 locations, 150 contacts. */
export async function seedDemo(info: StackInfo, seed: number): Promise<void> {
  await simulator(info.dataverse, 'POST', 'seed', { contacts: 150, accounts: 0, seed });
  const authScape = { users: 200, companies: 20, locations: 30, seed, overlap: 0.5 };
  await simulator(info.authScape, 'POST', 'seed', authScape);
}

export async function readSides(info: StackInfo): Promise<Sides> {
  return {
    authScape: authScapeSchema.parse(await simulator(info.authScape, 'GET', 'dump')),
    dynamics: dynamicsSchema.parse(await simulator(info.dataverse, 'GET', 'dump')),
  };
}
