import { describe, expect, it } from 'vitest';
import { type Findings, recommend } from '../../src/domain/diagnosis.js';
import type { ConnectionState } from '../../src/domain/model.js';
import { aConnection } from '../support/builders.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const state: ConnectionState = {
  ...{
    organizationId: 'o',
    authScapeAddress: 'a',
    lastSyncAt: null,
    lastSyncError: null,
    lastSuccessAt: null,
  },
  firstFullSyncAt: '2026-03-01T08:00:00.000Z',
  ...{ lastIncrementalStartedAt: '2026-03-01T11:50:00.000Z', lastFullStartedAt: null },
  ...{
    droppedEvents: 0,
    ignoredEvents: 0,
    echoes: 0,
    lastEventAt: null,
    webhookSilence: null,
    guardedEvents: {},
  },
};
const well: Findings = {
  ...{ connection: aConnection(), credentialExpiresAt: null, state, now: NOW, failedSteps: [] },
  mappings: [
    {
      ...{ mappingId: 'm_1', entity: 'User', crmEntity: 'contact' },
      ...{ changeTracking: true, hasMatchKey: true, resting: [] },
    },
  ],
  webhook: { registered: true, drift: 0 },
  clockOffsets: { authScape: 0, dynamics: 500 },
  dynamicsRequestsPerDay: 1_000,
  problems: { failed: 0, deadLetter: 0, ambiguous: 0, held: 0 },
};
const [mapping] = well.mappings;
if (mapping === undefined) throw new Error('a mapping is needed');
const failed = { name: 'read contact', code: 'access_denied', detail: 'The role lacks Read.' };
const webhookSilence = { since: '2026-03-01T09:00:00Z', noticedAt: '2026-03-01T10:00:00Z' };
const writes = { seenAt: ['1', '2', '3'], unseen: 0, nextAt: 0, noticedAt: '2026-03-01T10:00:00Z' };

describe('recommendations', () => {
  it('are none where all is well', () => {
    expect(recommend(well)).toEqual([]);
  });

  it.each<[string, string, Partial<Findings>]>([
    ['connection_disabled', 'error', { connection: aConnection({ enabled: false }) }],
    ['privilege_missing', 'error', { failedSteps: [failed] }],
    ['connection_failing', 'error', { failedSteps: [{ ...failed, code: 'connection_timeout' }] }],
    ['secret_expires', 'warning', { credentialExpiresAt: '2026-03-14T12:00:00Z' }],
    ['secret_expires', 'error', { credentialExpiresAt: '2026-03-01T11:00:00Z' }],
    ['never_synced', 'warning', { state: { ...state, firstFullSyncAt: null } }],
    ['schedule_late', 'error', { now: NOW + 3_600_000 }],
    ['change_tracking_off', 'warning', { mappings: [{ ...mapping, changeTracking: false }] }],
    ['no_match_key', 'error', { mappings: [{ ...mapping, hasMatchKey: false }] }],
    ['alerts_disabled', 'warning', { state: { ...state, alertsDisabledAt: '2026-03-01T09:00:00Z' } }],
    ['field_unreadable', 'warning', { mappings: [{ ...mapping, resting: ['nickname'] }] }],
    ['records_failing', 'warning', { problems: { ...well.problems, failed: 2 } }],
    ['records_failing', 'warning', { problems: { ...well.problems, deadLetter: 1 } }],
    ['duplicates', 'warning', { problems: { ...well.problems, ambiguous: 2 } }],
    ['changes_held', 'warning', { problems: { ...well.problems, held: 12 } }],
    ['webhook_missing', 'info', { webhook: { registered: false, drift: 0 } }],
    ['webhook_drift', 'warning', { webhook: { registered: true, drift: 2 } }],
    ['webhook_silent', 'warning', { state: { ...state, webhookSilence } }],
    ['own_crm_connection_on', 'warning', { state: { ...state, writerChecks: { m_1: writes } } }],
    ['clock_skew', 'warning', { clockOffsets: { authScape: -600_000, dynamics: 0 } }],
    ['entitlement_near', 'warning', { dynamicsRequestsPerDay: 400_000 }],
  ])('%s (%s)', (code, severity, findings) => {
    expect(recommend({ ...well, ...findings })).toEqual([
      expect.objectContaining({ code, severity, link: expect.stringMatching(/^\/api\//) }),
    ]);
  });

  it('come with the gravest first', () => {
    const all = recommend({
      ...well,
      failedSteps: [failed],
      webhook: { registered: false, drift: 0 },
      problems: { ...well.problems, held: 1 },
    });
    expect(all.map(({ severity }) => severity)).toEqual(['error', 'warning', 'info']);
  });
});
