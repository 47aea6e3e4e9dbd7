import { describe, expect, it } from 'vitest';
import {
  type ConfiguredConnection,
  settledConnection,
  type WantedConnection,
} from '../../src/domain/configuration.js';
import {
  configurationChanges,
  placedFault,
  repeatedParts,
  sharedTables,
} from '../../src/domain/configuration-changes.js';

const fresh = { prune: false, environment: 'contoso.crm.dynamics.com' };
const settled = (
  wanted: WantedConnection,
  stored?: ConfiguredConnection,
  options: Partial<typeof fresh> = {},
): ConfiguredConnection => settledConnection(wanted, stored, { ...fresh, ...options });

const users = { authScapeEntity: 'User', crmEntity: 'contact' } as const;
const email = { authScapeField: 'email', crmField: 'emailaddress1' };
const phone = { authScapeField: 'phoneNumber', crmField: 'telephone1' };
const stored = settled({ name: 'Main', mappings: [{ ...users, fields: [email, phone] }] });

describe('a connection as a document wants it', () => {
  it('gets defaults where it is new and the document says nothing', () => {
    const made = settled({ name: 'Main', mappings: [users] });

    expect(made).toMatchObject({
      environment: 'contoso.crm.dynamics.com',
      direction: 'Bidirectional',
      syncIntervalMinutes: 15,
      mappings: [{ matchBy: ['email'], direction: 'Bidirectional', relationships: [] }],
    });
    expect(made.mappings[0]?.fields.map(({ crmField }) => crmField)).toContain('statecode');
  });

  it('keeps what the document leaves out, and what it does not name', () => {
    const wanted = settled(
      {
        name: 'Main',
        enabled: false,
        mappings: [{ ...users, fields: [{ ...phone, direction: 'Inbound' }] }],
      },
      { ...stored, syncIntervalMinutes: 60 },
    );

    expect(wanted).toMatchObject({
      enabled: false,
      syncIntervalMinutes: 60,
      mappings: [{ fields: [email, { ...phone, direction: 'Inbound' }] }],
    });
  });

  it('loses what the document does not name only when that is asked for, and only in lists that it has', () => {
    const prune = { prune: true };

    expect(settled({ name: 'Main', mappings: [{ ...users, fields: [phone] }] }, stored, prune)).toMatchObject(
      {
        mappings: [{ fields: [phone] }],
      },
    );
    expect(settled({ name: 'Main', mappings: [users] }, stored, prune)).toEqual(stored);
    expect(settled({ name: 'Main' }, stored, prune)).toEqual(stored);
    expect(settled({ name: 'Main', mappings: [] }, stored, prune).mappings).toEqual([]);
  });
});

describe('the changes between two configurations', () => {
  it('are none between equals, whatever the order of members', () => {
    const guard = { percent: 5, count: 50 };

    expect(configurationChanges([stored], [{ ...stored, massDeleteGuard: guard }])).toEqual([]);
  });

  it('name what is new, changed and gone by what it is', () => {
    const other = settled({ name: 'Other' });
    const wanted = settled(
      {
        name: 'Main',
        massDeleteGuard: null,
        mappings: [{ ...users, filter: 'statecode eq 0', fields: [{ ...email, required: true }] }],
      },
      stored,
      { prune: true },
    );
    const mapping = 'connections[Main].mappings[User:contact]';

    expect(configurationChanges([stored, other], [wanted, settled({ name: 'Third' })])).toEqual([
      {
        path: 'connections[Main].massDeleteGuard',
        action: 'update',
        from: { count: 50, percent: 5 },
        to: null,
      },
      { path: `${mapping}.filter`, action: 'update', from: null, to: 'statecode eq 0' },
      { path: `${mapping}.fields[email:emailaddress1].required`, action: 'update', from: false, to: true },
      {
        path: `${mapping}.fields[phoneNumber:telephone1]`,
        action: 'delete',
        from: expect.objectContaining(phone),
      },
      { path: 'connections[Other]', action: 'delete', from: other },
      { path: 'connections[Third]', action: 'create', to: expect.objectContaining({ name: 'Third' }) },
    ]);
  });

  it('know a connection by its name without case', () => {
    expect(configurationChanges([stored], [{ ...stored, name: 'MAIN' }])).toEqual([
      { path: 'connections[MAIN].name', action: 'update', from: 'Main', to: 'MAIN' },
    ]);
  });
});

describe('faults of a document', () => {
  it('are parts that it names twice', () => {
    const twice = { name: 'Main', mappings: [{ ...users, fields: [email, phone, email] }, users] };

    expect(repeatedParts([twice, { name: 'main' }]).map(({ path }) => path)).toEqual([
      'connections[main]',
      'connections[Main].mappings[User:contact]',
      'connections[Main].mappings[User:contact].fields[email:emailaddress1]',
    ]);
  });

  it('are tables of one organization in two connections', () => {
    const other = settled({ name: 'Other', environment: 'contoso.api.crm.dynamics.com', mappings: [users] });
    const elsewhere = settled({ name: 'Else', environment: 'fabrikam.crm.dynamics.com', mappings: [users] });

    expect(sharedTables([stored, other, elsewhere])).toEqual([
      {
        path: 'connections[Other].mappings[User:contact]',
        message: 'The connection "Main" maps the table contact of this organization.',
      },
    ]);
  });

  it('have paths by what the parts join', () => {
    const [mapping] = stored.mappings;
    if (mapping === undefined) throw new Error('There is no mapping.');

    expect(placedFault('Main', mapping, { path: 'fields[1].crmField', message: 'x' }).path).toBe(
      'connections[Main].mappings[User:contact].fields[phoneNumber:telephone1].crmField',
    );
    expect(placedFault('Main', mapping, { path: 'crmEntity', message: 'x' }).path).toBe(
      'connections[Main].mappings[User:contact].crmEntity',
    );
  });
});
