import type { CompactLinks } from './compact-links.js';

/**
 * The index of one mapping that a step has used, for the next step of the same run: loading a million links takes a good
 * part of a step. One for a process, so that memory stays bounded. It is as fresh as what is kept in rows for later steps:
 * both are as the links were when this phase first needed them, or later.
 */
export class IndexMemory {
  #runId: string | undefined;
  #place: string | undefined;
  #links: CompactLinks | undefined;

  /** A step of this run begins: what another run has left is dropped. */
  begin(runId: string): void {
    if (this.#runId !== runId) this.forget();
    this.#runId = runId;
  }

  /** `place`: the phase, and the mapping whose turn it is. What an earlier one has used may be older, and is dropped. */
  find(runId: string, place: string, mappingId: string): CompactLinks | undefined {
    if (this.#runId !== runId || this.#place !== place) {
      this.forget();
      return undefined;
    }
    return this.#links?.mappingId === mappingId ? this.#links : undefined;
  }

  /** A step of another run may have begun meanwhile. */
  remember(runId: string, place: string, links: CompactLinks): void {
    if (this.#runId !== runId) return;
    this.#place = place;
    this.#links = links;
  }

  forget(): void {
    this.#place = undefined;
    this.#links = undefined;
  }

  end(runId: string): void {
    if (this.#runId === runId) this.forget();
  }
}
