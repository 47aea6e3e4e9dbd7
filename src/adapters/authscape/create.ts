import {
  type AuthScapeSystem,
  type CreateResult,
  UnknownOutcomeError,
} from '../../application/ports/systems.js';
import { BridgeError, RecordRejectedError } from '../../domain/errors.js';
import { REFUSED_LOGIN } from '../../domain/limits.js';
import type { AuthScapeEntity } from '../../domain/model.js';
import type { AuthScapeRecord } from '../../domain/records.js';
import { isLogin } from '../../domain/text-form.js';
import type { FieldValues } from '../../domain/values.js';
import { type ApiCall, type AuthScapeApi, type Reply, shaped } from './api.js';
import { type Details, locationBody, type Members } from './details.js';
import type { KnownLocations } from './known-locations.js';
import { plainText } from './values.js';
import { createdId } from './wire.js';

/** What a new record is given; the rest follows by an update. */
export const CREATION_KEYS: Readonly<Record<AuthScapeEntity, readonly string[]>> = {
  User: ['firstName', 'lastName', 'email'],
  Company: [],
  Location: ['title', 'address', 'city', 'state', 'zipCode', 'companyId', 'isDeactivated'],
};

const NEW_RECORD = -1;

/** See `AuthScapeSystem.foreseenRefusal`. */
export const foreseenRefusal: AuthScapeSystem['foreseenRefusal'] = (entity, values) => {
  if (entity !== 'User' || isLogin(plainText(values.email ?? null) ?? '')) return null;
  return { reason: 'email_refused', message: REFUSED_LOGIN };
};

type Guard = () => Promise<void>;

interface CreateSettings {
  readonly api: AuthScapeApi;
  readonly locations: KnownLocations;
  readonly details: Details;
  readonly findBy: AuthScapeSystem['findBy'];
}

/** Creates records; see `AuthScapeSystem.create`. After an unknown fate it looks, and never sends again. */
export function createCreate(settings: CreateSettings): AuthScapeSystem['create'] {
  const { api, details, findBy, locations } = settings;

  async function createUser(values: FieldValues, guard: Guard): Promise<CreateResult> {
    const email = plainText(values.email ?? null) ?? '';
    if (email === '') return failRecord('email_refused', 'A user of AuthScape needs an e-mail address.');
    const body = {
      firstName: plainText(values.firstName ?? null) ?? '',
      lastName: plainText(values.lastName ?? null) ?? '',
      email,
    };
    const sent = await send({ method: 'POST', action: 'CreateAccount', body }, guard);
    if (sent.kind === 'answered') {
      const { reply } = sent;
      if (reply.status === 204) return refusedAccount(email);
      return created(details, 'User', shaped(createdId, reply.data, 'CreateAccount'));
    }
    const [made] = await findBy('User', body, []);
    if (made === undefined) throw sent.error;
    return created(details, 'User', made.id);
  }

  /**
   * Sends a creation. `unknown`: it may have been done, after no answer, and after a 500 as well, since AuthScape may
   * save first and fail then.
   */
  async function send(
    call: ApiCall,
    guard: Guard,
  ): Promise<{ kind: 'answered'; reply: Reply } | { kind: 'unknown'; error: unknown }> {
    try {
      return { kind: 'answered', reply: await api.effect(call, guard) };
    } catch (error) {
      const isRefusal = error instanceof RecordRejectedError && error.reason === 'refused';
      if (error instanceof UnknownOutcomeError || isRefusal) return { kind: 'unknown', error };
      throw error;
    }
  }

  /** AuthScape gives no reason: the e-mail is another user's login, or has a character that logins may not have. */
  async function refusedAccount(email: string): Promise<CreateResult> {
    const holders = await findBy('User', { email }, []);
    return holders.length > 0
      ? failRecord('email_taken', 'Another AuthScape user has this e-mail address as login.')
      : failRecord('email_refused', REFUSED_LOGIN);
  }

  async function createLocation(values: FieldValues, guard: Guard): Promise<CreateResult> {
    const text = (key: string) => plainText(values[key] ?? null);
    const title = text('title');
    if (title === null || title.trim() === '') {
      throw new RecordRejectedError('required_value_missing', 'A location needs a title.', {
        field: 'title',
      });
    }
    const members: Members = {
      title,
      address: text('address'),
      city: text('city'),
      state: text('state'),
      zipCode: text('zipCode'),
      companyId: text('companyId'),
    };
    const isDeactivated = values.isDeactivated === true;
    // Values of custom fields would be stored under the id -1 and show up in no record.
    const body = { ...locationBody(NEW_RECORD, members, isDeactivated), customFields: [] };
    const isTwin = ({ values }: AuthScapeRecord) =>
      values.title === title && (values.companyId ?? null) === (members.companyId ?? null);
    return locations.inTurn(async (read) => {
      const before = new Set((await read(false)).filter(isTwin).map(({ id }) => id));
      const sent = await send({ method: 'POST', action: 'UpdateLocation', body }, guard);
      // The answer does not say the new id: most likely it is the next one.
      const next = await locations.next(isTwin);
      if (next !== undefined) return { kind: 'created', id: next.id, record: next };
      // Else the highest among those that were not there before.
      const made = (await read(true)).filter((record) => isTwin(record) && !before.has(record.id)).at(-1);
      if (made !== undefined) return created(details, 'Location', made.id);
      if (sent.kind === 'unknown') throw sent.error;
      throw new UnknownOutcomeError('AuthScape confirmed a new location that cannot be found.');
    });
  }

  return async (entity, values, _keys, guard) => {
    switch (entity) {
      case 'User':
        return createUser(values, guard);
      case 'Location':
        return createLocation(values, guard);
      case 'Company':
        return failRecord('create_not_supported', 'The AuthScape API cannot create companies.');
    }
  };
}

/** A new record as AuthScape shows it now. */
async function created(details: Details, entity: AuthScapeEntity, id: string): Promise<CreateResult> {
  try {
    const detail = await details.read(entity, id);
    return { kind: 'created', id, record: detail?.record };
  } catch (error) {
    // Its id is worth more than the news that it cannot be read now.
    const isUnread = error instanceof BridgeError || error instanceof RecordRejectedError;
    if (isUnread) return { kind: 'created', id, record: undefined };
    throw error;
  }
}

function failRecord(reason: string, message: string): CreateResult {
  return { kind: 'refused', reason, message };
}
