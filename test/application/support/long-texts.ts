import { randomBytes } from 'node:crypto';
import { aColumn, aFieldMapping, anEntityField } from '../../support/builders.js';
import { createHarness, type HarnessOptions } from './harness.js';
import { USER_FIELDS, userMapping } from './mappings.js';

/** Text that does not pack, as pictures and documents in a text field are. */
export const noise = (length: number) => randomBytes(length).toString('base64').slice(0, length);

/** Custom text fields of AuthScape on a column of 2,000 characters, on one of a million, and on a choice. */
export async function withLongTexts(options: Pick<HarnessOptions, 'storage'> = {}) {
  const fields = [
    ...USER_FIELDS,
    aFieldMapping({ id: 'f_note', authScapeField: 'customFields.note', crmField: 'new_note' }),
    aFieldMapping({ id: 'f_long', authScapeField: 'customFields.long', crmField: 'new_long' }),
    aFieldMapping({
      ...{ id: 'f_level', authScapeField: 'customFields.level', crmField: 'new_level' },
      transform: { type: 'optionSet', by: 'label' },
    }),
  ];
  const bridge = await createHarness({ ...options, mappings: [userMapping({ fields })] });
  for (const key of ['customFields.note', 'customFields.long', 'customFields.level']) {
    bridge.a.customFields.push(anEntityField(key, { inList: false, custom: true }));
  }
  const table = bridge.d.tables.get('contact');
  if (table === undefined) throw new Error('There is no table of contacts.');
  const columns = [
    aColumn('new_note', { maxLength: 2_000 }),
    aColumn('new_long', { type: 'memo', maxLength: 1_048_576 }),
  ];
  table.schema = { ...table.schema, columns: [...table.schema.columns, ...columns] };
  return bridge;
}
