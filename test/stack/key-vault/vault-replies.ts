import { json, type SimReply } from '../wire.js';
import { newest, type SecretEntry, type SecretVersion } from './secret-store.js';

const recoverableDays = 90;

/** The error body of Key Vault; `inner` is the finer code that clients look at for 403 and 409. */
export function vaultError(status: number, code: string, message: string, inner?: string): SimReply {
  const innererror = inner === undefined ? {} : { innererror: { code: inner } };
  return json(status, { error: { code, message, ...innererror } });
}

export function notFound(what: string): SimReply {
  return vaultError(
    404,
    'SecretNotFound',
    `A secret with (name/id) ${what} was not found in this key vault.`,
  );
}

/** Why a name cannot be written, or nothing when it is live. */
export function nameConflict(entry: SecretEntry): SimReply | undefined {
  const { name, phase } = entry;
  switch (phase) {
    case 'live':
      return undefined;
    case 'deleted': {
      const text = `Secret ${name} is in a deleted but recoverable state: recover or purge it before its name is used again.`;
      return vaultError(409, 'Conflict', text, 'ObjectIsDeletedButRecoverable');
    }
    case 'recovering':
      return vaultError(409, 'Conflict', `Secret ${name} is being recovered.`, 'ObjectIsBeingRecovered');
    case 'deleting':
    case 'purging':
      return vaultError(409, 'Conflict', `Secret ${name} is being deleted.`, 'ObjectIsBeingDeleted');
  }
}

/** A version without its value, as lists and property changes answer it. */
export function properties(base: string, name: string, version: SecretVersion, isPurgeable: boolean) {
  return {
    id: `${base}/secrets/${name}/${version.version}`,
    ...(version.contentType === undefined ? {} : { contentType: version.contentType }),
    attributes: {
      enabled: version.enabled,
      ...(version.notBefore === undefined ? {} : { nbf: version.notBefore }),
      ...(version.expires === undefined ? {} : { exp: version.expires }),
      created: version.created,
      updated: version.updated,
      recoveryLevel: isPurgeable ? 'Recoverable+Purgeable' : 'Recoverable',
      recoverableDays,
    },
    tags: version.tags,
  };
}

/** A version with its value. */
export function bundle(base: string, name: string, version: SecretVersion, isPurgeable: boolean) {
  return { value: version.value, ...properties(base, name, version, isPurgeable) };
}

export function deletedBundle(base: string, entry: SecretEntry, isPurgeable: boolean) {
  const deletedDate = entry.deletedAt ?? 0;
  return {
    recoveryId: `${base}/deletedsecrets/${entry.name}`,
    deletedDate,
    scheduledPurgeDate: deletedDate + recoverableDays * 86_400,
    ...properties(base, entry.name, newest(entry), isPurgeable),
  };
}
