import type { AuthScapeEntity } from '../../domain/model.js';
import type { AuthScapeRecord } from '../../domain/records.js';
import { type AuthScapeApi, shaped } from './api.js';
import { listCarries } from './fields.js';
import { textValue } from './values.js';
import { companyRow, locationRows, page, userRow, type WireLocation } from './wire.js';

/** The entities that AuthScape lists in pages, active and inactive ones apart. */
export type PagedEntity = Exclude<AuthScapeEntity, 'Location'>;

export interface PageQuery {
  readonly isActive: boolean;
  /** Index of the page, not of a record. */
  readonly page: number;
  readonly length: number;
  /** Part of the user name, of "first last", or of the title. */
  readonly search?: string | undefined;
  readonly companyId?: number | undefined;
}

export interface ListPage {
  /** Each record once; another page may bring it again, since the order has no tie-break. */
  readonly records: readonly AuthScapeRecord[];
  /** Rows that came, repeated ones included. */
  readonly rows: number;
  /** What AuthScape counts under this query. */
  readonly total: number;
}

export interface Lists {
  /**
   * One page; `keys` are the fields wanted (they decide on `complete`). Undefined when AuthScape fails at this very page,
   * as it does for each page with a user whose permissions are stored wrongly.
   */
  page(entity: PagedEntity, query: PageQuery, keys: readonly string[]): Promise<ListPage | undefined>;
  /** All that a query finds in one page, tried with `length` rows first; undefined as for `page`. */
  whole(
    entity: PagedEntity,
    query: Omit<PageQuery, 'page' | 'length'>,
    length: number,
    keys: readonly string[],
  ): Promise<ListPage | undefined>;
  /**
   * What AuthScape counts under a query, read from a page behind the last one: that works for unreadable rows, too.
   * Throws `authscape_error` when it does not.
   */
  count(entity: PagedEntity, query: Pick<PageQuery, 'isActive' | 'search' | 'companyId'>): Promise<number>;
  /** All locations, active or not, in the order of their ids. */
  locations(keys: readonly string[]): Promise<readonly AuthScapeRecord[]>;
  /** The id of some record of this kind; undefined when there is none. */
  anyId(entity: AuthScapeEntity): Promise<string | undefined>;
}

const ACTIONS = { User: 'GetUsers', Company: 'GetCompanies' } as const satisfies Record<PagedEntity, string>;

/** Rows to skip so that no page of any AuthScape is reached; AuthScape counts them in 32 bits. */
const BEHIND_THE_LAST = 2_000_000_000;

export function createLists(api: AuthScapeApi): Lists {
  async function request(entity: PagedEntity, query: PageQuery, taken: readonly number[]) {
    const { isActive, length, search, companyId } = query;
    const reply = await api.read(
      {
        method: 'POST',
        action: ACTIONS[entity],
        // `isActive` counts as false when it is left out.
        body: {
          offset: query.page,
          length,
          isActive,
          ...(search === undefined ? {} : { searchByName: search }),
          ...(companyId === undefined ? {} : { searchByCompanyId: companyId }),
        },
      },
      taken,
    );
    if (reply.status !== 200) return undefined;
    return { ...shaped(page, reply.data, ACTIONS[entity]), sentAt: reply.sentAt };
  }

  async function readPage(entity: PagedEntity, query: PageQuery, keys: readonly string[]) {
    const answer = await request(entity, query, [500]);
    if (answer === undefined) return undefined;
    const complete = listCarries(entity, keys);
    const records = answer.data.map((row) => recordOf(entity, row, complete, answer.sentAt));
    return { records: distinct(records), rows: records.length, total: answer.recordsTotal };
  }

  async function locations(keys: readonly string[]): Promise<readonly AuthScapeRecord[]> {
    // Without parameters: today they are ignored, and were they not some day, rows would be missing.
    const reply = await api.read({ method: 'GET', action: 'GetLocations' });
    const complete = listCarries('Location', keys);
    return shaped(locationRows, reply.data, 'GetLocations')
      .map((row) => locationOf(row, complete, reply.sentAt))
      .sort((a, b) => Number(a.id) - Number(b.id));
  }

  return {
    page: readPage,
    whole: async (entity, query, firstLength, keys) => {
      for (let length = firstLength; ; ) {
        const answer = await readPage(entity, { ...query, page: 0, length }, keys);
        if (answer === undefined || answer.total <= length) return answer;
        // Some more than counted: the list may grow meanwhile.
        length = answer.total + firstLength;
      }
    },
    count: async (entity, query) => {
      const answer = await request(entity, { ...query, page: BEHIND_THE_LAST, length: 1 }, []);
      return answer?.recordsTotal ?? 0;
    },
    locations,
    anyId: async (entity) => {
      if (entity === 'Location') return (await locations([]))[0]?.id;
      for (const isActive of [true, false]) {
        const found = await readPage(entity, { isActive, page: 0, length: 1 }, []);
        if (found?.records[0] !== undefined) return found.records[0].id;
      }
      return undefined;
    },
  };
}

function recordOf(entity: PagedEntity, row: unknown, complete: boolean, readAt: number): AuthScapeRecord {
  if (entity === 'Company') {
    const { id, title, isActive } = shaped(companyRow, row, 'GetCompanies');
    const values = { id, title: textValue(title), isDeactivated: !isActive };
    return { id, values, active: isActive, complete, readAt };
  }
  const user = shaped(userRow, row, 'GetUsers');
  const { id, isActive, roles } = user;
  const values = {
    id,
    firstName: textValue(user.firstName),
    lastName: textValue(user.lastName),
    email: textValue(user.userName),
    phoneNumber: textValue(user.phoneNumber),
    isActive,
  };
  return { id, values, active: isActive, roles, complete, readAt };
}

function locationOf(row: WireLocation, complete: boolean, readAt: number): AuthScapeRecord {
  const { id, companyId, isDeactivated } = row;
  const values = {
    id,
    title: textValue(row.title),
    address: textValue(row.address),
    city: textValue(row.city),
    state: textValue(row.state),
    zipCode: textValue(row.zipCode),
    companyId,
    isDeactivated,
  };
  return { id, values, active: !isDeactivated, complete, readAt };
}

/** Each record once. */
export function distinct(records: readonly AuthScapeRecord[]): readonly AuthScapeRecord[] {
  return [...new Map(records.map((record) => [record.id, record])).values()];
}
