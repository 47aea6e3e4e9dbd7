import { describe, expect, it } from 'vitest';
import { readHeld, readRemoval, storedHeld, storedTodo } from '../../../src/adapters/storage/todo-rows.js';
import type { TodoDetail } from '../../../src/domain/todo-detail.js';

const pair = { mappingId: 'm_1', authScapeId: '1', crmId: 'd1' };
const removal = { kind: 'removal' as const, ...pair, category: null };
const held = { ...pair, category: 'removal', runId: 'r_1', heldAt: '2026-03-01T08:00:00.000Z' };

describe('what is to be done with a pair', () => {
  it.each<[string, TodoDetail]>([
    ['{"gone":"authScape","scans":2}', { kind: 'gone', side: 'authScape', scans: 2 }],
    ['{"gone":"dynamics","scans":0}', { kind: 'gone', side: 'dynamics', scans: 0 }],
    ['{"write":"dynamics:email"}', { kind: 'write', write: 'dynamics:email' }],
  ])('is stored as %s, as in the versions before', (text, detail) => {
    expect(storedTodo({ ...removal, detail })).toEqual({ ...removal, detail: text });
    expect(readRemoval({ ...removal, detail: text })).toEqual({ ...removal, detail });
    expect(storedHeld({ ...held, detail })).toEqual({ ...held, detail: text });
    expect(readHeld({ ...held, detail: text })).toEqual({ ...held, detail });
  });

  it('counts no scan where none was noted', () => {
    const { detail } = readRemoval({ ...removal, detail: '{"gone":"dynamics"}' });
    expect(detail).toEqual({ kind: 'gone', side: 'dynamics', scans: 0 });
  });

  it.each(['', '{}', '{"gone":"elsewhere"}'])('is refused as %j', (detail) => {
    expect(() => readHeld({ ...held, detail })).toThrow('A stored todo is not readable');
  });
});
