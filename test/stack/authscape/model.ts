/** Rows as the database of AuthScape holds them; null is the database's null. */
export interface UserRow {
  id: number;
  firstName: string;
  lastName: string;
  /** Equal to the e-mail; unique without regard to case. */
  userName: string;
  phoneNumber: string | null;
  companyId: number | null;
  locationId: number | null;
  isActive: boolean;
  emailConfirmed: boolean;
  archived: string | null;
  created: string;
  locale: string | null;
  roleIds: number[];
  /** One claim is a comma-joined list of permission ids; blank, double and dangling ones can exist. */
  permissionClaims: string[];
  isService: boolean;
}

export interface CompanyRow {
  id: number;
  title: string;
  description: string | null;
  logo: string | null;
  isDeactivated: boolean;
  emailDomains: string[];
}

export interface LocationRow {
  id: number;
  title: string;
  address: string | null;
  city: string | null;
  state: string | null;
  zipCode: string | null;
  lat: number | null;
  lng: number | null;
  companyId: number | null;
  isDeactivated: boolean;
}

/** 1 users, 2 companies, 3 locations. */
export type Platform = 1 | 2 | 3;

export interface CustomFieldRow {
  id: string;
  name: string;
  platform: Platform;
  /** 1 text, 2 multi-line, 3 number, 4 date, 5 boolean, 6 image, 7 dropdown. */
  type: number;
  /** Options, as a JSON string. */
  properties: string | null;
  isRequired: boolean;
  size: number | null;
  companyId: number | null;
  isColumnOnDatagrid: boolean;
}

export type EntityName = 'User' | 'Company' | 'Location';

/** A call after which AuthScape would have run its CRM hook. */
export interface HookCall {
  operation: 'UpdateUser' | 'CreateAccount' | 'UpdateCompany' | 'UpdateLocation';
  entity: EntityName;
  id: number;
  occurredAt: string;
}

/** A change that a listener may want to be told of. */
export interface Notice {
  entity: EntityName;
  id: number;
  change: 'created' | 'updated' | 'deleted';
  occurredAt: string;
  /** By the CRM hook at the end of an operation, or where rows are saved. */
  seenBy: 'hook' | 'save';
}

export const neverDate = '0001-01-01T00:00:00+00:00';

/** The server's local time as .NET writes it: an offset instead of Z, up to seven decimals. */
export function serverTime(now: Date): string {
  const local = new Date(now.getTime() - 5 * 3_600_000).toISOString().slice(0, -1);
  const ticks = 1 + Math.floor(Math.random() * 9999);
  return `${local}${String(ticks).padStart(4, '0')}`.replace(/0+$/, '').concat('-05:00');
}
