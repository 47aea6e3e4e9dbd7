import type { EntityName } from './model.js';

export interface Replaced {
  entity: EntityName;
  id: number;
}

/** A value that a full replace took back although its sender had not read it: no client can know of it. */
export interface UnseenValue extends Replaced {
  /** In C# case, as in the answer of the replace. */
  member: string;
  value: string | null;
}

interface Write {
  caller: number | undefined;
  moment: number;
}

/** Who has read and who has written which record, in order: so that a test can tell a lost edit from one that could not be saved. */
export class ReplaceJournal {
  #moment = 0;
  readonly #reads = new Map<string, number>();
  readonly #writes = new Map<string, Write>();
  #unseen: UnseenValue[] = [];

  get unseen(): readonly UnseenValue[] {
    return this.#unseen;
  }

  /** @param caller id of the user that the caller signed in as */
  noteRead(caller: number | undefined, { entity, id }: Replaced): void {
    this.#reads.set(`${caller}|${entity}|${id}`, this.#next());
  }

  noteReplace(
    caller: number | undefined,
    { entity, id }: Replaced,
    changed: readonly { name: string; before: string | null }[],
  ): void {
    const readAt = this.#reads.get(`${caller}|${entity}|${id}`) ?? 0;
    const moment = this.#next();
    for (const { name, before } of changed) {
      const key = `${entity}|${id}|${name}`;
      const last = this.#writes.get(key);
      if (last !== undefined && last.caller !== caller && last.moment > readAt) {
        this.#unseen.push({ entity, id, member: name, value: before });
      }
      this.#writes.set(key, { caller, moment });
    }
  }

  clear(): void {
    this.#reads.clear();
    this.#writes.clear();
    this.#unseen = [];
  }

  #next(): number {
    this.#moment += 1;
    return this.#moment;
  }
}
