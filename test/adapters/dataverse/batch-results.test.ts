import { describe, expect, it } from 'vitest';
import { batchResult } from '../../../src/adapters/dataverse/batch-results.js';
import type { HttpAnswer } from '../../../src/adapters/http/client.js';
import type { Failure } from '../../../src/adapters/http/failure.js';

const ALONE = 'alone';
const LATER = 'alone, as a repeat';

/** What becomes of each of three parts, in short. */
function meaning(outcome: HttpAnswer | Failure): readonly (string | number)[] {
  const result = batchResult(outcome, 3);
  return [0, 1, 2].map((at) => {
    const part = result.part(at);
    if (part.kind === 'alone') return part.mayHaveHappened ? LATER : ALONE;
    if (part.kind === 'answered') return part.answer.status;
    return part.failure.kind === 'status' ? part.failure.status : part.failure.kind;
  });
}

function multipart(statuses: readonly number[], end = '--b--\r\n'): string {
  return `${statuses.map((status) => `--b\r\n\r\nHTTP/1.1 ${status} Said\r\n\r\n{}\r\n`).join('')}${end}`;
}
const headers = { 'content-type': 'multipart/mixed; boundary=b' };
const batch = (status: number, text: string): HttpAnswer => ({ status, headers, text });
const status = (code: number, text = ''): Failure => ({ kind: 'status', status: code, headers: {}, text });
const fault = (code: number, name: string): Failure =>
  status(code, JSON.stringify({ error: { code: name } }));

describe('what an answer to a batch means for its parts', () => {
  it.each<[string, HttpAnswer | Failure, readonly (string | number)[], boolean | undefined]>([
    ['all are answered', batch(200, multipart([204, 412, 201])), [204, 412, 201], true],
    [
      'it is cut in the middle',
      batch(200, multipart([204, 204], '--b\r\n\r\nHTTP/1.1 2')),
      [204, 204, 'malformed'],
      true,
    ],
    ['the last one has no end', batch(200, multipart([204, 204], '')), [204, 'malformed', 'malformed'], true],
    ['some are missing, after an error', batch(200, multipart([204, 400])), [204, 400, 'malformed'], true],
    [
      'it stops at an error',
      { ...batch(400, multipart([204, 400])), kind: 'status' },
      [204, 400, ALONE],
      true,
    ],
    ['it stops at a limit', { ...batch(429, multipart([429])), kind: 'status' }, [429, ALONE, ALONE], true],
    [
      'it stops and is cut',
      { ...batch(400, multipart([204, 400], '--b')), kind: 'status' },
      [204, 400, 'malformed'],
      true,
    ],
    [
      'it fails after all that it tells of',
      { ...batch(500, multipart([204, 204])), kind: 'status' },
      [204, 204, 'malformed'],
      true,
    ],
    [
      'one cannot be read',
      batch(200, multipart([204]).replace('--b--', '--b\r\n\r\nwhat\r\n--b\r\n\r\nHTTP/1.1 204 No\r\n--b--')),
      [204, 'malformed', 204],
      true,
    ],
    [
      'there are more than asked for',
      batch(200, multipart([204, 204, 204, 204])),
      ['malformed', 'malformed', 'malformed'],
      false,
    ],
    [
      'the boundary is another',
      batch(200, multipart([204]).replaceAll('--b', '--c')),
      ['malformed', 'malformed', 'malformed'],
      false,
    ],
    ['no answer in time', { kind: 'timeout' }, ['timeout', 'timeout', 'timeout'], undefined],
    ['a cut connection', { kind: 'reset', reason: 'ECONNRESET' }, ['reset', 'reset', 'reset'], undefined],
    [
      'no server',
      { kind: 'unreachable', reason: 'ECONNREFUSED' },
      ['unreachable', 'unreachable', 'unreachable'],
      undefined,
    ],
    [
      'too long an answer',
      { kind: 'malformed', status: 200 },
      ['malformed', 'malformed', 'malformed'],
      undefined,
    ],
    ['no token', status(401), [401, 401, 401], undefined],
    ['a limit', fault(429, '0x80072322'), [429, 429, 429], undefined],
    ['not a member', fault(403, '0x80072560'), [403, 403, 403], undefined],
    ['an environment that is off', fault(500, '0x8004a104'), [500, 500, 500], undefined],
    ['not available', status(503), [503, 503, 503], undefined],
    ['a gateway that gave up', status(504, '<html>'), [504, 504, 504], undefined],
    ['a deadlock', fault(500, '0x80044150'), [500, 500, 500], undefined],
    ['malformed', fault(400, '0x80048d19'), [ALONE, ALONE, ALONE], false],
    ['a page of a firewall', status(403, '<html>'), [ALONE, ALONE, ALONE], false],
    ['a missing privilege', fault(403, '0x80040220'), [ALONE, ALONE, ALONE], false],
    ['no batches here', status(404), [ALONE, ALONE, ALONE], false],
    ['not allowed', status(405), [ALONE, ALONE, ALONE], false],
    ['too large', status(413), [ALONE, ALONE, ALONE], false],
    ['not implemented', status(501), [ALONE, ALONE, ALONE], false],
    ['a redirect', status(302), [ALONE, ALONE, ALONE], false],
    ['a crash', fault(500, '0x80040224'), [LATER, LATER, LATER], false],
    ['a page as success', { status: 200, headers: {}, text: '<html>' }, [LATER, LATER, LATER], false],
  ])('%s', (_what, outcome, expected, isTaken) => {
    expect([meaning(outcome), batchResult(outcome, 3).isTaken]).toEqual([expected, isTaken]);
  });

  it('a part keeps its own headers and text, and the time of the whole', () => {
    const text = '--b\r\n\r\nHTTP/1.1 429 Many\r\nRetry-After: 3\r\n\r\n{"error":{}}\r\n--b--';
    const date = 'Mon, 02 Mar 2026 09:15:42 GMT';
    expect(batchResult({ status: 200, headers: { ...headers, date }, text }, 1).part(0)).toEqual({
      kind: 'failed',
      failure: { kind: 'status', status: 429, headers: { date, 'retry-after': '3' }, text: '{"error":{}}' },
    });
  });
});
