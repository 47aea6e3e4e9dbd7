import type { AuthScapeSystem } from '../../application/ports/systems.js';
import { RecordRejectedError } from '../../domain/errors.js';
import type { AuthScapeEntity } from '../../domain/model.js';
import type { AuthScapeRecord } from '../../domain/records.js';
import { singleSpaced, textOf } from '../../domain/text-form.js';
import { type FieldValues, matchForm } from '../../domain/values.js';
import { mapConcurrent } from '../../lib/map-concurrent.js';
import type { Details } from './details.js';
import { listCarries } from './fields.js';
import type { KnownLocations } from './known-locations.js';
import type { Lists, PagedEntity, PageQuery } from './lists.js';
import { idNumber } from './values.js';

interface FindSettings {
  readonly locations: KnownLocations;
  readonly lists: Lists;
  readonly details: Details;
  readonly pageSize: number;
  readonly detailConcurrency: number;
}

/**
 * Looks records up by their values; see `AuthScapeSystem.findBy`. AuthScape searches for parts of names only, letter by
 * letter, so the search narrows and the comparison is done here. Places, of which there are few and whose names have many
 * spellings, are looked through. What a creation is decided by must be fresh: nothing is cached but the list of all
 * locations, for seconds and as long as none has come.
 */
export function createFind(settings: FindSettings): AuthScapeSystem['findBy'] {
  const { details, lists, locations, pageSize } = settings;

  return async (entity, criteria, keys) => {
    const asked = Object.keys(criteria);
    // Empty values identify nothing, and no criteria would match everything.
    if (asked.every((key) => matchForm(criteria[key]) === null)) return [];
    const listed = await candidates(entity, criteria, keys);
    const possible = listed.filter((record) => mayMatch(record, criteria));
    if (listCarries(entity, [...keys, ...asked])) return possible;
    const full = await mapConcurrent(possible, settings.detailConcurrency, async (record) =>
      details.read(entity, record.id),
    );
    return full.flatMap((detail) =>
      detail !== undefined && mayMatch(detail.record, criteria) ? [detail.record] : [],
    );
  };

  async function candidates(
    entity: AuthScapeEntity,
    criteria: FieldValues,
    keys: readonly string[],
  ): Promise<readonly AuthScapeRecord[]> {
    if (entity === 'Location') {
      const complete = listCarries(entity, keys);
      const all = await locations.inTurn((read) => read(false));
      return all.map((record) => ({ ...record, complete: record.complete && complete }));
    }
    const search = searchText(entity, criteria);
    const company = entity === 'User' ? idNumber(String(criteria.companyId ?? '')) : undefined;
    const found = new Map<string, AuthScapeRecord>();
    for (const isActive of passes(criteria)) {
      const narrowed = { isActive, search, companyId: company };
      for (const record of await allOf(entity, narrowed, keys)) found.set(record.id, record);
    }
    return [...found.values()];
  }

  /** All that match in one page: across pages of an order without tie-break a record may go missing. */
  async function allOf(
    entity: PagedEntity,
    narrowed: Omit<PageQuery, 'page' | 'length'>,
    keys: readonly string[],
  ): Promise<readonly AuthScapeRecord[]> {
    const answer = await lists.whole(entity, narrowed, pageSize, keys);
    if (answer !== undefined) return answer.records;
    // Throws when AuthScape fails as a whole.
    await lists.count(entity, narrowed);
    throw unlistable(entity);
  }
}

/** To take "cannot be listed" for "is not there" would make duplicates. */
function unlistable(entity: AuthScapeEntity): RecordRejectedError {
  return new RecordRejectedError(
    'lookup_failed',
    `AuthScape cannot list the ${entity.toLowerCase()}s that match: the permissions of one of them are probably stored wrongly (a blank, double or deleted permission). Saving its permissions in AuthScape repairs that.`,
  );
}

/** True unless a value that the reading carries differs. */
function mayMatch(record: AuthScapeRecord, criteria: FieldValues): boolean {
  return Object.entries(criteria).every(
    ([key, value]) => !(key in record.values) || matchForm(record.values[key]) === matchForm(value),
  );
}

function passes(criteria: FieldValues): readonly boolean[] {
  return [true, false].filter(
    (isActive) =>
      (criteria.isActive ?? isActive) === isActive && (criteria.isDeactivated ?? !isActive) !== isActive,
  );
}

/** The longest text that AuthScape can search for; undefined: everything has to be looked through. */
export function searchText(entity: PagedEntity, criteria: FieldValues): string | undefined {
  if (entity === 'Company') return undefined;
  const texts = ['email', 'firstName', 'lastName'].map((key) => singleSpaced(textOf(criteria[key] ?? '')));
  const [longest] = texts.sort((a, b) => b.length - a.length);
  return longest === '' ? undefined : longest;
}
