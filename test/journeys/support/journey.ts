import { z } from 'zod';
import { type Stack, startStack } from '../../stack/launch/stack.js';
import { Api } from './api.js';
import { type Editors, identitySimulator, signIn } from './editors.js';
import { Simulator } from './simulator.js';
import { countMessages } from './storage-scan.js';

/** One stack with everything that a journey needs to act on both sides and to look at them. */
export interface Journey {
  stack: Stack;
  api: Api;
  dynamics: Simulator;
  authScape: Simulator;
  identity: Simulator;
  editors: Editors;
  /** Messages in the product's queues, those that a worker has in hand too. */
  waitingMessages(): Promise<number>;
  stop(): Promise<void>;
}

/** For the hook that starts a stack, seeds it and runs a first sync, on a machine that is busy with other files too. */
export const startWithinMs = 180_000;

/** Settings that let a run meet faults and go on within a test's patience. */
const quick = { RETRY_BASE_MS: '50', LOG_LEVEL: 'info' };

export async function startJourney(env: Record<string, string> = {}): Promise<Journey> {
  const stack = await startStack({ env: { ...quick, ...env } });
  return {
    stack,
    api: new Api(stack.info),
    dynamics: Simulator.at(stack.info.dataverse),
    authScape: Simulator.at(stack.info.authScape),
    identity: identitySimulator(stack),
    editors: await signIn(stack),
    waitingMessages: () => countMessages(stack.info),
    stop: () => stack.stop(),
  };
}

const userSchema = z.looseObject({
  id: z.number(),
  firstName: z.string(),
  lastName: z.string(),
  email: z.string(),
  phoneNumber: z.string().nullable(),
  isActive: z.boolean(),
  companyId: z.number().nullable(),
  roles: z.array(z.string()),
});
const companySchema = z.looseObject({ id: z.number(), title: z.string(), isDeactivated: z.boolean() });
const locationSchema = companySchema.extend({
  address: z.string().nullable(),
  city: z.string().nullable(),
  companyId: z.number().nullable(),
});
const rowSchema = z.looseObject({
  statecode: z.number(),
  merged: z.boolean().nullable(),
  _masterid_value: z.string().nullable(),
});
const contactSchema = rowSchema.extend({
  contactid: z.string(),
  firstname: z.string().nullable(),
  lastname: z.string().nullable(),
  emailaddress1: z.string().nullable(),
  telephone1: z.string().nullable(),
  // People in these journeys lead contacts to accounts only.
  _parentcustomerid_value: z.string().nullable(),
});
const accountSchema = rowSchema.extend({
  accountid: z.string(),
  name: z.string().nullable(),
  address1_line1: z.string().nullable(),
  address1_city: z.string().nullable(),
  _parentaccountid_value: z.string().nullable(),
});

const authScapeSchema = z.object({
  users: z.array(userSchema),
  companies: z.array(companySchema),
  locations: z.array(locationSchema),
});
const dynamicsSchema = z.object({ contacts: z.array(contactSchema), accounts: z.array(accountSchema) });

export type User = z.infer<typeof userSchema>;
export type Contact = z.infer<typeof contactSchema>;

/** Everything both sides hold, the users that services sign in as too. */
export async function bothSides({ authScape, dynamics }: Pick<Journey, 'authScape' | 'dynamics'>) {
  const [a, d] = await Promise.all([authScape.dump(authScapeSchema), dynamics.dump(dynamicsSchema)]);
  return { authScape: a, dynamics: d };
}

export type BothSides = Awaited<ReturnType<typeof bothSides>>;

/** The contact that has this e-mail, compared without case. */
export function contactOf(sides: BothSides, email: string): Contact {
  const found = sides.dynamics.contacts.find(
    (contact) => contact.emailaddress1?.toLowerCase() === email.toLowerCase(),
  );
  if (found === undefined) {
    throw new Error(`There is no contact with the e-mail ${email}.`);
  }
  return found;
}

export function userOf(sides: BothSides, email: string): User {
  const found = sides.authScape.users.find((user) => user.email.toLowerCase() === email.toLowerCase());
  if (found === undefined) {
    throw new Error(`There is no user with the e-mail ${email}.`);
  }
  return found;
}
