import { beforeEach, describe, expect, it } from 'vitest';
import { checkHealth, type Health } from '../../../src/application/inspection/check-health.js';
import { BridgeError } from '../../../src/domain/errors.js';

/** The health route is open to everyone: what the vault allows in a time must not be used up by that. */

const logger = { info: () => {}, warn: () => {}, error: () => {} };
let now: number;
let asked: { vault: number; storage: number };
let isVaultDown: boolean;
let check: () => Promise<Health>;

beforeEach(() => {
  now = 0;
  // Patience never ends here.
  const clock = { now: () => now, sleep: () => new Promise<void>(() => {}) };
  asked = { vault: 0, storage: 0 };
  isVaultDown = false;
  const secrets = {
    ping: async () => {
      asked.vault += 1;
      if (isVaultDown) throw new BridgeError('secret_store_unavailable', 'Key Vault does not answer.');
    },
  };
  const storage = {
    ping: async () => {
      asked.storage += 1;
    },
  };
  check = checkHealth({ storage, secrets, clock, logger });
});

describe('the health', () => {
  it('asks the vault at most once in ten seconds, however many ask for it', async () => {
    await Promise.all(Array.from({ length: 100 }, () => check()));
    now += 9_999;
    await check();
    expect(asked).toEqual({ vault: 1, storage: 101 });
    now += 1;
    expect((await check()).ok).toBe(true);
    expect(asked.vault).toBe(2);
  });

  it('asks a vault that is down no more often, and sees it come back after that time', async () => {
    isVaultDown = true;
    expect((await check()).ok).toBe(false);
    isVaultDown = false;
    expect((await check()).ok).toBe(false);
    now += 10_000;
    expect((await check()).ok).toBe(true);
    expect(asked.vault).toBe(2);
  });
});
