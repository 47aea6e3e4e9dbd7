import type { BridgeLink, BridgeMapping } from './bridge.js';
import type { SideRecord, Sides } from './sides.js';

/** What a look at both sides found. */
export interface Comparison {
  /** Per entity: linked pairs, compared values, values that the column's length has cut. */
  pairs: Record<string, { pairs: number; values: number; cut: number }>;
  /** Sentences; empty when the sides agree. */
  differences: string[];
  /** How many records of a kind have no partner, by reason. */
  alone: Map<string, number>;
}

/** A shorter common beginning than this is no cut but another value. */
const shortestCut = 40;
/** What AuthScape takes as a user name, which is the e-mail. */
const acceptedEmail = /^[a-zA-Z0-9\-._@+]+$/;

/** Compares every linked pair by the mapping's own fields and lists who has no partner. */
export function compareSides(
  sides: Sides,
  mappings: readonly BridgeMapping[],
  links: readonly BridgeLink[],
): Comparison {
  const comparison: Comparison = { pairs: {}, differences: [], alone: new Map() };
  const partnerOf = new Map(links.map((link) => [`${link.entity} ${link.authScapeId}`, link.crmId]));
  for (const mapping of mappings) {
    const ofMapping = links.filter((link) => link.mappingId === mapping.id);
    comparePairs(comparison, sides, mapping, ofMapping, partnerOf);
  }
  countAlone(comparison, sides, links);
  return comparison;
}

function comparePairs(
  comparison: Comparison,
  sides: Sides,
  mapping: BridgeMapping,
  links: readonly BridgeLink[],
  partnerOf: ReadonlyMap<string, string>,
): void {
  const tally = { pairs: 0, values: 0, cut: 0 };
  comparison.pairs[mapping.authScapeEntity] = tally;
  const left = byId(authScapeRecords(sides, mapping.authScapeEntity), 'id');
  const right = byId(dynamicsRecords(sides, mapping.crmEntity), `${mapping.crmEntity}id`);
  for (const link of links) {
    const a = left.get(link.authScapeId);
    const d = right.get(link.crmId.toLowerCase());
    const name = `${link.entity} ${link.authScapeId} and ${link.crmEntity} ${link.crmId}`;
    if (a === undefined || d === undefined) {
      comparison.differences.push(
        `${name}: linked, but ${a === undefined ? 'AuthScape' : 'Dynamics'} has none`,
      );
      continue;
    }
    tally.pairs += 1;
    for (const field of mapping.fields.filter(({ enabled }) => enabled)) {
      const verdict = compareValues(field, a, d);
      tally.values += 1;
      tally.cut += verdict === 'cut' ? 1 : 0;
      if (verdict === 'different') {
        const shown = `${show(a[field.authScapeField])} is not ${show(d[field.crmField])}`;
        comparison.differences.push(`${name}: ${field.authScapeField} ${shown}`);
      }
    }
    for (const relation of mapping.relationships.filter(({ enabled }) => enabled)) {
      tally.values += 1;
      const wanted = targetOf(a[relation.authScapeField], relation.relatedEntity, partnerOf);
      const found = d[`_${relation.crmLookupField}_value`] ?? undefined;
      if (wanted !== 'unlinked' && text(found).toLowerCase() !== text(wanted).toLowerCase()) {
        comparison.differences.push(`${name}: ${relation.authScapeField} points to another record`);
      }
    }
  }
}

/** The partner of the related record; undefined when there is no related record. */
function targetOf(id: unknown, entity: string, partnerOf: ReadonlyMap<string, string>) {
  return text(id) === '' ? undefined : (partnerOf.get(`${entity} ${text(id)}`) ?? 'unlinked');
}

function compareValues(
  { authScapeField, crmField, transform }: BridgeMapping['fields'][number],
  a: SideRecord,
  d: SideRecord,
): 'same' | 'cut' | 'different' {
  if (!(authScapeField in a) || !(crmField in d)) {
    return 'different';
  }
  if (crmField === 'statecode' || transform?.type === 'stateCode') {
    const isActive =
      authScapeField === 'isDeactivated' ? a[authScapeField] !== true : a[authScapeField] === true;
    return d[crmField] === (isActive ? 0 : 1) ? 'same' : 'different';
  }
  const [left, right] = [a[authScapeField], d[crmField]].map((value) =>
    authScapeField === 'email' ? text(value).toLowerCase() : text(value),
  ) as [string, string];
  if (left === right) {
    return 'same';
  }
  return right.length >= shortestCut && left.startsWith(right) ? 'cut' : 'different';
}

function countAlone(comparison: Comparison, sides: Sides, links: readonly BridgeLink[]): void {
  const linked = new Set(
    links.flatMap((link) => [`${link.entity} ${link.authScapeId}`, link.crmId.toLowerCase()]),
  );
  const emails = new Map<string, number>();
  for (const contact of sides.dynamics.contacts) {
    const email = text(contact.emailaddress1).toLowerCase();
    emails.set(email, (emails.get(email) ?? 0) + 1);
  }
  const note = (kind: string, id: string, reason: string | undefined) => {
    const key = `${kind}: ${reason ?? 'no reason found'}`;
    comparison.alone.set(key, (comparison.alone.get(key) ?? 0) + 1);
    if (reason === undefined) {
      comparison.differences.push(`${kind} ${id} has no partner although it could have one`);
    }
  };
  for (const entity of ['User', 'Company', 'Location'] as const) {
    for (const record of authScapeRecords(sides, entity)) {
      if (!linked.has(`${entity} ${text(record.id)}`)) {
        note(entity, text(record.id), record.isActive === true ? undefined : 'not active');
      }
    }
  }
  for (const contact of sides.dynamics.contacts) {
    if (!linked.has(text(contact.contactid).toLowerCase())) {
      note('contact', text(contact.contactid), whyContactIsAlone(contact, emails));
    }
  }
  for (const account of sides.dynamics.accounts) {
    if (!linked.has(text(account.accountid).toLowerCase())) {
      note('account', text(account.accountid), 'AuthScape cannot be given companies');
    }
  }
}

function whyContactIsAlone(contact: SideRecord, emails: ReadonlyMap<string, number>): string | undefined {
  const email = text(contact.emailaddress1);
  if (contact.statecode !== 0) {
    return 'not active';
  }
  if (email === '') {
    return 'no e-mail';
  }
  if ((emails.get(email.toLowerCase()) ?? 0) > 1) {
    return 'e-mail shared with another contact';
  }
  if (!acceptedEmail.test(email)) {
    return 'e-mail that AuthScape refuses';
  }
  return text(contact.firstname) === '' || text(contact.lastname) === '' ? 'name incomplete' : undefined;
}

function authScapeRecords({ authScape }: Sides, entity: BridgeMapping['authScapeEntity']): SideRecord[] {
  const sets = { User: authScape.users, Company: authScape.companies, Location: authScape.locations };
  return sets[entity];
}

function dynamicsRecords({ dynamics }: Sides, table: string): SideRecord[] {
  return table === 'contact' ? dynamics.contacts : dynamics.accounts;
}

function byId(records: SideRecord[], key: string): Map<string, SideRecord> {
  return new Map(records.map((record) => [text(record[key]).toLowerCase(), record]));
}

/** As sync sees it: empty is null, ends and composition of letters do not count. */
function text(value: unknown): string {
  return value === null || value === undefined
    ? ''
    : String(value).replaceAll('\r\n', '\n').normalize('NFC').trim();
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
