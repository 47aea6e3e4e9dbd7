import { z } from 'zod';
import type { EntityMapping } from '../../../src/domain/model.js';
import type { HarnessOptions } from '../../application/support/harness.js';
import { type Kin, kinOfMapping } from '../../application/support/kin.js';
import { userMapping } from '../../application/support/mappings.js';
import type { Api } from './api.js';

/** What of the plan of an in-process history holds for a connection of the stack. */
export function connectionBody(harness: HarnessOptions | undefined): Record<string, unknown> {
  const { conflictPolicy, deletePolicy } = harness?.connection ?? {};
  return { conflictPolicy, deletePolicy, massDeleteGuard: null, syncIntervalMinutes: 1_440 };
}

/** Makes the mappings of the plan over the API: the default one of users where it says nothing. */
export async function createMappings(
  api: Api,
  connectionId: string,
  planned: readonly EntityMapping[] | undefined,
): Promise<readonly Kin[]> {
  if (planned === undefined) {
    const { id } = await api.createMapping(connectionId, 'User', 'contact');
    return [kinOfMapping(userMapping({ id }), 'Bidirectional')];
  }
  const kin: Kin[] = [];
  for (const mapping of planned) {
    const { direction, matchBy } = mapping;
    const settings = { direction, matchBy, createDefaultFields: false };
    const { id } = await api.createMapping(
      connectionId,
      mapping.authScapeEntity,
      mapping.crmEntity,
      settings,
    );
    kin.push(kinOfMapping({ ...mapping, id }, 'Bidirectional'));
  }
  // What relationships lead to has to be mapped before them.
  for (const { mapping } of kin) {
    const path = `connections/${connectionId}/mappings/${mapping.id}`;
    const withoutId = ({ id: _, ...part }: { id: string }) => part;
    await api.expect(z.unknown(), 'PUT', `${path}/fields`, mapping.fields.map(withoutId));
    for (const relationship of mapping.relationships) {
      await api.expect(z.unknown(), 'POST', `${path}/relationships`, withoutId(relationship));
    }
  }
  return kin;
}
