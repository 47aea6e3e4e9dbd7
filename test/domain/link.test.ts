import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derivedRowId, linkId, parseLinkId, uuid5 } from '../../src/domain/link.js';

const UUID_V5 = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const KEY = {
  organizationId: 'org-1',
  authScapeAddress: 'https://auth.example',
  table: 'contact',
  entity: 'User',
  authScapeId: '7',
  generation: 0,
} as const;

describe('[P11] the id of a row that is created', () => {
  it.each([
    ['', 'e45d0224-db37-5d32-8421-3690d1b2f6b4'],
    ['Müller|\u{1f600}', '68906c65-d446-5bd6-a4f4-82e41a058264'],
  ])('is a UUID v5: of %o it is %s', (name, id) => {
    expect(uuid5(name)).toBe(id);
  });

  it('is the same for good: a connection made anew finds its rows', () => {
    expect(derivedRowId(KEY)).toBe('1d3c04eb-f1a8-5607-9fa8-61f703c45561');
    expect(derivedRowId({ ...KEY, organizationId: 'ORG-1' })).toBe(derivedRowId(KEY));
  });

  it.each([
    { organizationId: 'org-2' },
    { authScapeAddress: 'https://other.example' },
    { table: 'account' },
    { entity: 'Company' as const },
    { authScapeId: '8' },
    { generation: 1 },
  ])('is another one with %o', (other) => {
    expect(derivedRowId({ ...KEY, ...other })).not.toBe(derivedRowId(KEY));
  });

  it('is valid for any record', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(), (authScapeId, generation) => {
        expect(derivedRowId({ ...KEY, authScapeId, generation })).toMatch(UUID_V5);
      }),
    );
  });
});

describe('the public id of a link', () => {
  const part = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((text) => !text.includes('|') && !/\p{Cs}/u.test(text));

  it('leads back to what it identifies, and is safe in a path', () => {
    fc.assert(
      fc.property(part, part, (mappingId, authScapeId) => {
        const id = linkId(mappingId, authScapeId);
        expect(id).toMatch(/^l_[0-9A-Za-z_-]+$/);
        expect(parseLinkId(id)).toEqual({ mappingId, authScapeId });
      }),
    );
  });

  it.each([
    ['another prefix', `m_${linkId('m_1', '7').slice(2)}`],
    ['no separator', `l_${Buffer.from('m_1').toString('base64url')}`],
    ['an empty half', `l_${Buffer.from('m_1|').toString('base64url')}`],
    ['a third part', `l_${Buffer.from('m_1|7|8').toString('base64url')}`],
    ['padding', `${linkId('m_1', '7')}=`],
    ['other characters', `${linkId('m_1', '7')}%`],
    ['nothing', 'l_'],
    ['not even that', ''],
  ])('is none with %s', (_name, id) => {
    expect(parseLinkId(id)).toBeUndefined();
  });

  it('any text is an id or none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const parsed = parseLinkId(`l_${text}`);
        if (parsed) expect(linkId(parsed.mappingId, parsed.authScapeId)).toBe(`l_${text}`);
      }),
    );
  });
});
