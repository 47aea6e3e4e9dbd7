/**
 * What is to be done with a pair, as staging and backlog keep it: JSON, in which `detail` is a text, either
 * `{"gone":side,"scans":n}`, `{"write":"side:field"}`, or why a pair is tried again. Earlier versions read and write the
 * same.
 */
import { z } from 'zod';
import type { HeldChange, RemovalTodo, RetryTodo, StagedTodo } from '../../application/ports/staging.js';
import type { TodoDetail } from '../../domain/todo-detail.js';
import { jsonText, parseStored } from './json-columns.js';

type StoredForm<T> = Omit<T, 'detail'> & { readonly detail: string };

const DETAIL = jsonText(
  z.union([
    z.object({ gone: z.enum(['authScape', 'dynamics']), scans: z.number().default(0) }),
    z.object({ write: z.string() }),
  ]),
);
const REASON = z.enum(['pair', 'unlinked', 'given up']);

export function storedTodo(todo: StagedTodo): StoredForm<StagedTodo> {
  return todo.kind === 'retry' ? todo : { ...todo, detail: detailText(todo.detail) };
}

export function readRetry(stored: StoredForm<RetryTodo>): RetryTodo {
  return { ...stored, detail: parseStored('todo', REASON, stored.detail) };
}

export function readRemoval(stored: StoredForm<RemovalTodo>): RemovalTodo {
  return { ...stored, detail: readDetail(stored.detail) };
}

export function storedHeld(held: HeldChange): StoredForm<HeldChange> {
  return { ...held, detail: detailText(held.detail) };
}

export function readHeld(stored: StoredForm<HeldChange>): HeldChange {
  return { ...stored, detail: readDetail(stored.detail) };
}

function detailText(detail: TodoDetail): string {
  return z.encode(
    DETAIL,
    detail.kind === 'gone' ? { gone: detail.side, scans: detail.scans } : { write: detail.write },
  );
}

function readDetail(text: string): TodoDetail {
  const stored = parseStored('todo', DETAIL, text);
  return 'gone' in stored
    ? { kind: 'gone', side: stored.gone, scans: stored.scans }
    : { kind: 'write', write: stored.write };
}
