import type { Link } from '../../../domain/link.js';
import { grown, TextTable } from '../../../lib/text-table.js';
import type { LinkBrief } from '../../ports/links.js';
import { proofOf, type UnchangedProof } from '../../sync/context/unchanged-proof.js';

/** What matching and staging need to know of a link without reading it. */
export interface IndexedLink {
  readonly mappingId: string;
  readonly authScapeId: string;
  readonly crmId: string;
  readonly link: Pick<Link, 'state' | 'tombstone' | 'dVersion' | 'changedAt'>;
  /** Null where only a look at the fields can tell whether the pair changed. */
  readonly proof: UnchangedProof | null;
}

const LINKED = 1;
const PROVEN = 2;
const HAS_LIST_HASH = 4;
const HAS_FULL_HASH = 8;
const NO_VERSION = -1;
/** It stands in a map, since it is no plain number. */
const ODD_VERSION = -2;
const WORDS = 2;

/**
 * The links of a mapping in the order of a scan. About 70 bytes each instead of an object with texts, of which a million
 * takes most of a gigabyte; objects are made when they are asked for.
 */
export class CompactLinks {
  readonly mappingId: string;
  readonly #authScapeIds = new TextTable();
  readonly #crmIds = new TextTable();
  #flags = new Uint8Array(0);
  #changedAt = new Float64Array(0);
  #mappingVersions = new Uint32Array(0);
  #versions = new Float64Array(0);
  #listHashes = new Uint32Array(0);
  /** Empty as long as no link has one. */
  #fullHashes = new Uint32Array(0);
  readonly #oddVersions = new Map<number, string>();
  readonly #tombstones = new Map<number, Link['tombstone']>();

  constructor(mappingId: string) {
    this.mappingId = mappingId;
  }

  get size(): number {
    return this.#authScapeIds.size;
  }

  add(link: LinkBrief): void {
    const at = this.#authScapeIds.append(link.authScapeId);
    this.#crmIds.append(link.crmId);
    this.#makeRoom(at);
    const proof = proofOf(link);
    let flags = link.state === 'linked' ? LINKED : 0;
    if (proof !== null) {
      flags |= PROVEN;
      this.#mappingVersions[at] = proof.mappingVersion;
      if (proof.aHash !== null) {
        flags |= HAS_LIST_HASH;
        putWords(this.#listHashes, at, proof.aHash);
      }
      if (proof.fullHash !== null) {
        flags |= HAS_FULL_HASH;
        this.#fullHashes = grown(this.#fullHashes, this.#listHashes.length);
        putWords(this.#fullHashes, at, proof.fullHash);
      }
    }
    this.#flags[at] = flags;
    this.#changedAt[at] = link.changedAt;
    this.#putVersion(at, link.dVersion);
    if (link.tombstone !== null) this.#tombstones.set(at, link.tombstone);
  }

  /** From which the same index can be made anew, in their order. */
  *briefs(): Generator<LinkBrief, void> {
    for (let at = 0; at < this.size; at += 1) {
      yield briefOf(this.#link(at, { authScapeId: this.idAt(at), crmId: this.#crmIds.at(at) }));
    }
  }

  has(authScapeId: string): boolean {
    return this.#authScapeIds.find(authScapeId) >= 0;
  }

  get(authScapeId: string): IndexedLink | undefined {
    const at = this.#authScapeIds.find(authScapeId);
    return at < 0 ? undefined : this.#link(at, { authScapeId, crmId: this.#crmIds.at(at) });
  }

  byCrmId(crmId: string): IndexedLink | undefined {
    const at = this.#crmIds.find(crmId);
    return at < 0 ? undefined : this.#link(at, { authScapeId: this.#authScapeIds.at(at), crmId });
  }

  /** The proof of a link alone; null also where there is no link. */
  proofOf(authScapeId: string): UnchangedProof | null {
    const at = this.#authScapeIds.find(authScapeId);
    return at < 0 ? null : this.#proof(at, this.#versionAt(at));
  }

  /** Ids of A in the order of a scan. */
  *keys(): Generator<string, void> {
    for (let at = 0; at < this.size; at += 1) yield this.idAt(at);
  }

  /** Place in the order of a scan; -1: it is not there. */
  placeOf(authScapeId: string): number {
    return this.#authScapeIds.find(authScapeId);
  }

  idAt(place: number): string {
    return this.#authScapeIds.at(place);
  }

  #link(at: number, ids: Pick<IndexedLink, 'authScapeId' | 'crmId'>): IndexedLink {
    const dVersion = this.#versionAt(at);
    const link = {
      state: this.#has(at, LINKED) ? ('linked' as const) : ('tombstone' as const),
      tombstone: this.#tombstones.get(at) ?? null,
      dVersion,
      changedAt: this.#changedAt[at] ?? 0,
    };
    return { mappingId: this.mappingId, ...ids, link, proof: this.#proof(at, dVersion) };
  }

  #proof(at: number, dVersion: string | null): UnchangedProof | null {
    if (!this.#has(at, PROVEN)) return null;
    return {
      mappingVersion: this.#mappingVersions[at] ?? 0,
      aHash: this.#has(at, HAS_LIST_HASH) ? wordsAt(this.#listHashes, at) : null,
      fullHash: this.#has(at, HAS_FULL_HASH) ? wordsAt(this.#fullHashes, at) : null,
      dVersion,
    };
  }

  #has(at: number, flag: number): boolean {
    return ((this.#flags[at] ?? 0) & flag) !== 0;
  }

  #makeRoom(at: number): void {
    this.#flags = grown(this.#flags, at + 1);
    this.#changedAt = grown(this.#changedAt, at + 1);
    this.#mappingVersions = grown(this.#mappingVersions, at + 1);
    this.#versions = grown(this.#versions, at + 1);
    this.#listHashes = grown(this.#listHashes, (at + 1) * WORDS);
  }

  #putVersion(at: number, version: string | null): void {
    const number = version === null ? NO_VERSION : numberOf(version);
    this.#versions[at] = number;
    if (number === ODD_VERSION && version !== null) this.#oddVersions.set(at, version);
  }

  #versionAt(at: number): string | null {
    const number = this.#versions[at] ?? NO_VERSION;
    if (number === ODD_VERSION) return this.#oddVersions.get(at) ?? null;
    return number === NO_VERSION ? null : textOf(number);
  }
}

function briefOf({ authScapeId, crmId, link, proof }: IndexedLink): LinkBrief {
  const { aHash = null, fullHash = null, mappingVersion = 0 } = proof ?? {};
  const isProven = proof !== null;
  return {
    ...{ ...link, authScapeId, crmId, aHash, fullHash, mappingVersion },
    ...{ clean: isProven, settled: isProven },
  };
}

function textOf(number: number): string {
  return `W/"${number}"`;
}

function numberOf(version: string): number {
  const number = Number(version.slice('W/"'.length, -1));
  return Number.isSafeInteger(number) && number >= 0 && textOf(number) === version ? number : ODD_VERSION;
}

const WORD_DIGITS = 8;

/** Hashes of a proof have 16 hexadecimal digits. */
function putWords(words: Uint32Array, at: number, hash: string): void {
  words[at * WORDS] = Number.parseInt(hash.slice(0, WORD_DIGITS), 16);
  words[at * WORDS + 1] = Number.parseInt(hash.slice(WORD_DIGITS), 16);
}

function wordsAt(words: Uint32Array, at: number): string {
  return digitsOf(words[at * WORDS] ?? 0) + digitsOf(words[at * WORDS + 1] ?? 0);
}

function digitsOf(word: number): string {
  return word.toString(16).padStart(WORD_DIGITS, '0');
}
