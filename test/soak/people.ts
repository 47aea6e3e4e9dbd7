import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Editors } from '../journeys/support/editors.js';
import type { Random } from '../model/random.js';
import type { Ledger, Person } from './ledger.js';

const INSIST_MS = 60_000;

/** People who edit, create, delete and merge; what a burst of faults refuses they try again. */
export class People {
  readonly #editors: Editors;
  readonly #ledger: Ledger;
  readonly #random: Random;
  #number = 0;

  constructor(editors: Editors, ledger: Ledger, random: Random) {
    this.#editors = editors;
    this.#ledger = ledger;
    this.#random = random;
  }

  /** A new last name in Dynamics or a new first name in AuthScape: each is edited on one side only. */
  async edit(): Promise<void> {
    const person = this.#pick();
    if (person === undefined) return;
    const number = this.#next();
    if (this.#random.chance(0.5)) {
      const value = `Row${number}`;
      await this.#busy(person, () =>
        this.#editors.dynamics('PATCH', `contacts(${person.contactId})`, { lastname: value }),
      );
      person.lastName = value;
      this.#ledger.begin({ kind: 'edit', side: 'dynamics', person, value });
    } else {
      const value = `User${number}`;
      await this.#busy(person, () => this.#editors.updateUser(person.userId, { firstName: value }));
      person.firstName = value;
      this.#ledger.begin({ kind: 'edit', side: 'authScape', person, value });
    }
  }

  async create(): Promise<void> {
    const number = this.#next();
    const email = `soak-${number}@example.org`;
    const rowId = randomUUID();
    const person: Person = { email, rowId, state: 'alive', firstName: 'New', lastName: `Person${number}` };
    const side = this.#random.chance(0.5) ? 'dynamics' : 'authScape';
    const { firstName, lastName } = person;
    await insist(() =>
      side === 'authScape'
        ? this.#editors.authScape('POST', 'CreateAccount', { firstName, lastName, email })
        : this.#editors.dynamics('POST', 'contacts', {
            contactid: rowId,
            firstname: firstName,
            lastname: lastName,
            emailaddress1: email,
          }),
    );
    this.#ledger.people.push(person);
    this.#ledger.begin({ kind: 'creation', side, person, value: email });
  }

  async remove(): Promise<void> {
    const person = this.#pick();
    if (person === undefined) return;
    await this.#busy(person, () => this.#editors.dynamics('DELETE', `contacts(${person.contactId})`));
    person.state = 'deleted';
    this.#ledger.begin({ kind: 'delete', side: 'dynamics', person, value: person.email });
  }

  /** Two contacts that both have a user: the one that is left over keeps what it has. */
  async merge(): Promise<void> {
    const [master, loser] = [this.#pick(), this.#pick()];
    if (master === undefined || loser === undefined || master === loser) return;
    const party = ({ contactId }: Person) => ({
      '@odata.type': 'Microsoft.Dynamics.CRM.contact',
      contactid: contactId,
    });
    const body = { Target: party(master), Subordinate: party(loser), PerformParentingChecks: false };
    loser.state = 'merged';
    await insist(() => this.#editors.dynamics('POST', 'Merge', body));
    this.#ledger.merges += 1;
  }

  #pick() {
    const free = this.#ledger.free().filter((person) => !this.#inHand.has(person));
    return free.length === 0 ? undefined : this.#random.pick(free);
  }

  readonly #inHand = new Set<Person>();

  /** Two people never edit one record at once: what should be there in the end would be open. */
  async #busy(person: Person, work: () => Promise<unknown>): Promise<void> {
    this.#inHand.add(person);
    try {
      await insist(work);
    } finally {
      this.#inHand.delete(person);
    }
  }

  #next(): number {
    this.#number += 1;
    return this.#number;
  }
}

/** Again and again while the side is busy or away. */
async function insist(work: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + INSIST_MS;
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (!/answered (?:429|503)/.test(String(error)) || Date.now() > deadline) throw error;
      await sleep(500);
    }
  }
}

/** Does the work that often until the signal; a slow answer does not slow the pace down. */
export async function atPace(everyMs: number, until: AbortSignal, work: () => Promise<void>): Promise<void> {
  const all = new Set<Promise<void>>();
  let failure: unknown;
  for (let next = Date.now(); !until.aborted && failure === undefined; next += everyMs) {
    await sleep(Math.max(0, next - Date.now()));
    if (until.aborted) break;
    const done: Promise<void> = work()
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => all.delete(done));
    all.add(done);
  }
  await Promise.all(all);
  if (failure !== undefined) throw failure;
}
