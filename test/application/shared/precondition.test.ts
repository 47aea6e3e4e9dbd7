import { describe, expect, it } from 'vitest';
import { rewrite } from '../../../src/application/shared/precondition.js';
import { ConflictError } from '../../../src/domain/errors.js';

/** A row that others change `races` times just before our write. */
function contestedRow(races: number) {
  let value = 0;
  let left = races;
  return {
    read: async () => ({ value, etag: String(value) }),
    write: async (next: number, etag: string) => {
      if (left > 0) {
        left -= 1;
        value += 100;
      }
      if (etag !== String(value)) throw new ConflictError();
      value = next;
      return { value, etag: String(value) };
    },
  };
}

describe('rewriting a row', () => {
  it('starts over from a fresh read after a lost race: no edit of the others is lost', async () => {
    const stored = await rewrite({
      ...contestedRow(3),
      change: (value) => value + 1,
      precondition: undefined,
    });
    expect(stored.value).toBe(301);
  });

  it('gives up when it loses again and again', async () => {
    const work = rewrite({ ...contestedRow(99), change: (value) => value + 1, precondition: undefined });
    await expect(work).rejects.toMatchObject({ code: 'precondition_failed' });
  });

  it('tells a caller who named the version that it is gone, also when it went between read and write', async () => {
    const work = rewrite({
      ...contestedRow(1),
      change: (value) => value + 1,
      precondition: (etag) => etag === '0',
    });
    await expect(work).rejects.toMatchObject({ code: 'precondition_failed' });
  });
});
