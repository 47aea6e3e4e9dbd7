import { describe, expect, it } from 'vitest';
import {
  goneSideOf,
  readTodoDetail,
  type TodoDetail,
  todoDetailText,
  writeOf,
} from '../../src/domain/todo-detail.js';

describe('what a run has to do with a pair at its end', () => {
  it.each<[string, TodoDetail]>([
    ['{"gone":"authScape","scans":2}', { kind: 'gone', side: 'authScape', scans: 2 }],
    ['{"gone":"dynamics","scans":0}', { kind: 'gone', side: 'dynamics', scans: 0 }],
    ['{"write":"dynamics:email"}', { kind: 'write', write: 'dynamics:email' }],
  ])('is stored as %s, as in the versions before', (text, detail) => {
    expect(todoDetailText(detail)).toBe(text);
    expect(readTodoDetail(text)).toEqual(detail);
  });

  it('counts no scan where none was noted', () => {
    expect(readTodoDetail('{"gone":"dynamics"}')).toEqual({ kind: 'gone', side: 'dynamics', scans: 0 });
  });

  it('names the side that is gone, or the write', () => {
    expect(goneSideOf({ detail: '{"gone":"authScape","scans":1}' })).toBe('authScape');
    expect(goneSideOf({ detail: '{"write":"authScape:isActive"}' })).toBeUndefined();
    expect(writeOf({ detail: '{"write":"authScape:isActive"}' })).toBe('authScape:isActive');
    expect(writeOf({ detail: '{"gone":"authScape","scans":1}' })).toBe('');
  });
});
