import type { AuthScapeSystem } from '../../application/ports/systems.js';
import type { AuthScapeEntity } from '../../domain/model.js';
import type { AuthScapeRecord } from '../../domain/records.js';
import { matchForm } from '../../domain/values.js';
import type { Details } from './details.js';
import { distinct, type Lists } from './lists.js';
import { idNumber } from './values.js';

/** What a person would know of a location. */
const LOCATION_TEXTS = ['title', 'address', 'city'] as const;

/** Records of which a person knows a part of the name or the id; see `AuthScapeSystem.search`. */
export function createSearch({
  lists,
  details,
}: {
  readonly lists: Lists;
  readonly details: Details;
}): AuthScapeSystem['search'] {
  async function byText(
    entity: AuthScapeEntity,
    text: string,
    limit: number,
  ): Promise<readonly AuthScapeRecord[]> {
    if (entity === 'Location') {
      const wanted = matchForm(text) ?? '';
      const all = await lists.locations([]);
      return all.filter(({ values }) =>
        LOCATION_TEXTS.some((key) => matchForm(values[key])?.includes(wanted) === true),
      );
    }
    const pages = await Promise.all(
      [true, false].map((isActive) =>
        lists.page(entity, { isActive, page: 0, length: limit, search: text }, []),
      ),
    );
    return pages.flatMap((page) => page?.records ?? []);
  }

  return async (entity, text, limit) => {
    const byId = idNumber(text) === undefined ? undefined : await details.read(entity, text);
    const found = await byText(entity, text, limit);
    const records = [...(byId === undefined ? [] : [byId.record]), ...found];
    return distinct(records).slice(0, limit);
  };
}
