import type { ResolvedMapping } from '../../domain/fields.js';
import type { Birth } from '../../domain/link.js';
import type { DRow } from '../../domain/records.js';
import type { BirthRow } from '../ports/links.js';
import { NOTHING, type PairResult } from './context.js';

export function birthRowOf(resolved: ResolvedMapping, row: Pick<DRow, 'id'>): BirthRow {
  const { mapping } = resolved;
  return { table: mapping.crmEntity, crmId: row.id, mappingId: mapping.id };
}

export function busyWith(birth: Pick<Birth, 'until'>): PairResult {
  return { ...NOTHING, busyUntil: birth.until };
}
