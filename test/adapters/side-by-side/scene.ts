import { AsyncLocalStorage } from 'node:async_hooks';
import type { FieldValues } from '../../../src/domain/values.js';
import { aUser } from '../../application/support/actors.js';
import { createHarness, type Harness } from '../../application/support/harness.js';
import { domain, editorId, SimClient } from '../../stack/dataverse/sim-client.js';
import { LIFE } from '../../support/memory-systems-world.js';
import { processParts } from './process.js';

export interface SceneOptions {
  /** Pairs side by side. */
  readonly lanes?: number;
  /** Real milliseconds that Dynamics may take to answer. */
  readonly dataTimeoutMs?: number;
  /** How often a request is sent at most. */
  readonly attempts?: number;
}

interface Written {
  /** Values that came to be others by it. */
  readonly authScape: readonly string[];
  /** By what was done, however little it changed. */
  readonly calls: Readonly<Record<string, number>>;
  readonly dynamics: number;
}

/** What both sides show, how they are linked, and what our own writes have done since the scene was set. */
export interface Look {
  readonly users: readonly string[];
  readonly contacts: readonly string[];
  /** Each with what is left to do about it. */
  readonly links: readonly string[];
  readonly written: Written;
}

export interface Scene {
  readonly bridge: Harness;
  readonly sim: SimClient;
  readonly userId: (email: string) => string;
  readonly contactId: (email: string) => Promise<string>;
  /** What a person does in Dynamics. */
  readonly setContact: (email: string, values: FieldValues) => Promise<void>;
  readonly look: () => Promise<Look>;
  /** Does work that belongs to none of our processes, though one of them waits for it. */
  readonly outside: <T>(work: () => Promise<T>) => Promise<T>;
}

interface Row {
  readonly '@odata.etag': string;
  readonly contactid: string;
  readonly emailaddress1: string;
  readonly firstname: string | null;
  readonly lastname: string | null;
  readonly telephone1: string | null;
  readonly statecode: number;
}
const COLUMNS = 'emailaddress1,firstname,lastname,telephone1,statecode';

const EDITED = ['edited-1@x.test', 'edited-2@x.test'];
const LINKED = ['link-1@x.test', 'link-2@x.test'];
const NEW_USERS = ['user-1@x.test', 'user-2@x.test'];
const NEW_CONTACTS = ['contact-1@x.test', 'contact-2@x.test'];
export const PAIRS = [...EDITED, ...LINKED, ...NEW_USERS, ...NEW_CONTACTS];

/**
 * Pairs for one full run, two of each kind, so that whatever one asks another one asks as well: pairs in step of which both
 * sides were edited, pairs to link of which each side lacks a value, and records of either side without partner. All is
 * as it is deployed but for AuthScape and the service below the tables.
 */
export async function withScene<T>(
  play: (scene: Scene) => Promise<T>,
  options: SceneOptions = {},
): Promise<T> {
  let now = () => new Date();
  const sim = await SimClient.start(() => now());
  try {
    const bridge = await createHarness({
      concurrency: options.lanes ?? 48,
      process: (shared) => processParts(shared, sim, options),
    });
    now = () => new Date(bridge.clock.now());
    return await play(await setScene(bridge, sim));
  } finally {
    await sim.sim.close();
  }
}

async function setScene(bridge: Harness, sim: SimClient): Promise<Scene> {
  const rows = async () => {
    const { json } = await sim.get(`contacts?$select=${COLUMNS}`);
    return json.value as unknown as readonly Row[];
  };
  const contactId = async (email: string) => {
    const row = (await rows()).find(({ emailaddress1 }) => emailaddress1 === email);
    return row?.contactid ?? '';
  };
  let byPersons = 0;
  const person = async (method: string, path: string, body: FieldValues) => {
    byPersons += 1;
    const { status, text } = await sim.ask(method, path, { body, token: `${editorId}|https://${domain}` });
    if (status !== 204) throw new Error(`${method} ${path}: ${status} ${text}`);
  };
  const version = async () =>
    Math.max(...(await rows()).map((row) => Number(/\d+/.exec(row['@odata.etag']))));
  const addContact = (email: string, values: FieldValues = {}) =>
    person('POST', 'contacts', { firstname: 'Ada', lastname: 'Lovelace', emailaddress1: email, ...values });
  const setContact = async (email: string, values: FieldValues) =>
    person('PATCH', `contacts(${await contactId(email)})`, values);
  const userId = (email: string) =>
    [...bridge.a.records.User.values()].find(({ values }) => values.email === email)?.id ?? '';

  for (const email of EDITED) {
    aUser(bridge, { email });
    await addContact(email);
  }
  const first = await bridge.sync('full');
  if (first.counts.linked !== 2) throw new Error(`The first run ${first.status}: ${first.error?.message}`);
  bridge.clock.advance(700_000);
  for (const email of EDITED) {
    bridge.a.people.set('User', userId(email), { firstName: 'Augusta' });
    await setContact(email, { telephone1: '7' });
  }
  for (const email of LINKED) {
    aUser(bridge, { email });
    await addContact(email, { lastname: null, telephone1: '1' });
  }
  for (const email of NEW_USERS) aUser(bridge, { email, phoneNumber: '2' });
  for (const email of NEW_CONTACTS) await addContact(email, { telephone1: '3' });
  const calls = countEffects(bridge);
  const start = { changes: bridge.world.changes.length, version: (await version()) - byPersons };
  const outside = AsyncLocalStorage.snapshot();

  return {
    ...{ bridge, sim, userId, contactId, setContact },
    outside: (work) => outside(work),
    async look() {
      const users = [...bridge.a.records.User.values()].map(({ values }) => {
        const { email, firstName, isActive, lastName, phoneNumber } = values;
        return shown([email, firstName, lastName, phoneNumber, isActive]);
      });
      const contacts = (await rows()).map(({ emailaddress1, firstname, lastname, statecode, telephone1 }) =>
        shown([emailaddress1, firstname, lastname, telephone1, statecode === 0]),
      );
      const emails = new Map((await rows()).map((row) => [row.contactid, row.emailaddress1]));
      const links = (await bridge.links()).map(({ authScapeId, claim, clean, crmId, plan }) => {
        const user = bridge.a.records.User.get(authScapeId)?.values.email;
        const left = [
          clean ? '' : 'unclean',
          claim === null ? '' : 'claimed',
          plan === null ? '' : 'planned',
        ];
        return shown([user, emails.get(crmId), ...left]);
      });
      return {
        users: users.sort(),
        contacts: contacts.sort(),
        links: links.sort(),
        written: {
          authScape: bridge.world.changes
            .slice(start.changes)
            .filter(({ by, field }) => by !== 'person' && field !== LIFE)
            .map(({ field, from, to }) => `${field}: ${from} -> ${to}`)
            .sort(),
          calls: { ...calls },
          dynamics: (await version()) - byPersons - start.version,
        },
      };
    },
  };
}

/** Calls by us that were taken and change something, by their names. */
function countEffects({ world }: Harness): Record<string, number> {
  const counts: Record<string, number> = {};
  const { call } = world;
  world.call = (made, work) =>
    call(made, () => {
      const result = work();
      const isRefused = Object(result).kind === 'refused';
      if (made.effect && !isRefused) counts[made.name] = (counts[made.name] ?? 0) + 1;
      return result;
    });
  return counts;
}

const shown = (values: readonly unknown[]): string =>
  values
    .map((value) => value ?? '-')
    .join(' ')
    .trim();
