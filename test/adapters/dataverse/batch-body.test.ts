import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchRequest, isPart, parseBatchAnswer } from '../../../src/adapters/dataverse/batch-body.js';
import type { HttpAnswer, HttpRequest } from '../../../src/adapters/http/client.js';
import { type Operation, parseBatch } from '../../stack/dataverse/batch/batch-parser.js';

const ORIGIN = 'https://contoso.crm.dynamics.com';
const URL_OF_BATCH = `${ORIGIN}/api/data/v9.2/$batch`;

const hostileText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', '\r\n--batch_1\r\n', '--batch_1--', 'HTTP/1.1 204 No Content\r\n\r\n', '\n\n'),
);
const requests = fc.array(
  fc.record({
    method: fc.constantFrom('GET' as const, 'POST' as const, 'PATCH' as const, 'DELETE' as const),
    path: fc.constantFrom('contacts', "contacts(1)?$select=a,b'c", 'contacts?$select=%C3%A6'),
    etag: fc.option(fc.constantFrom('*', 'W/"12"'), { nil: undefined }),
    value: fc.option(hostileText, { nil: undefined }),
  }),
  { minLength: 1, maxLength: 6 },
);

function requestOf(each: {
  method: HttpRequest['method'];
  path: string;
  etag: string | undefined;
  value: string | undefined;
}): HttpRequest {
  return {
    method: each.method,
    url: `${ORIGIN}/api/data/v9.2/${each.path}`,
    headers: {
      Authorization: 'Bearer secret',
      Prefer: 'return=representation',
      ...(each.etag === undefined ? {} : { 'If-Match': each.etag }),
    },
    ...(each.value === undefined ? {} : { body: JSON.stringify({ value: each.value }) }),
    timeoutMs: 45_000,
  };
}

function operationsOf(request: HttpRequest): Operation[] {
  const type = request.headers?.['Content-Type'] ?? '';
  return parseBatch(type, request.body ?? '').flatMap((item) =>
    item.kind === 'operation' ? [item.operation] : [],
  );
}

describe('the body of a batch', () => {
  it('holds each request as it would be by itself, whatever is in its values', () => {
    fc.assert(
      fc.property(requests, (list) => {
        const all = list.map(requestOf);
        const batch = batchRequest(URL_OF_BATCH, all);
        expect(operationsOf(batch)).toEqual(
          all.map((one) => ({
            method: one.method,
            url: one.url.slice(ORIGIN.length).replace("'", '%27'),
            headers: Object.fromEntries(
              Object.entries(one.headers ?? {})
                .filter(([name]) => name !== 'Authorization')
                .map(([name, value]) => [name.toLowerCase(), value]),
            ),
            body: one.body ?? '',
            contentId: undefined,
          })),
        );
      }),
    );
  });

  it('is one POST with one token, no change set, and goes on after a failure', () => {
    const one = requestOf({ method: 'DELETE', path: 'contacts(1)', etag: '*', value: undefined });
    const batch = batchRequest(URL_OF_BATCH, [one, { ...one, timeoutMs: 50_000 }]);
    expect(batch).toMatchObject({
      method: 'POST',
      url: URL_OF_BATCH,
      timeoutMs: 50_000,
      headers: { Authorization: 'Bearer secret', Prefer: 'odata.continue-on-error' },
    });
    expect(batch.body).not.toContain('secret');
    expect(batch.body?.replaceAll('\r\n', '')).not.toContain('\n');
    expect(batchRequest(URL_OF_BATCH, [one]).headers).not.toEqual(batch.headers);
  });

  it.each([
    ['a header with a line end', { headers: { 'If-Match': 'W/"1"\r\nX: y' } }],
    ['an address that is none', { url: 'contacts' }],
  ])('takes no request with %s', (_what, odd) => {
    const one = requestOf({ method: 'PATCH', path: 'contacts(1)', etag: '*', value: 'a' });
    expect([isPart(one), isPart({ ...one, ...odd })]).toEqual([true, false]);
  });
});

interface Style {
  readonly line: string;
  readonly quoted: boolean;
  readonly blankLines: number;
  readonly upper: boolean;
  readonly preamble: string;
}

/** An answer as some server might write it. */
function answerText(parts: readonly HttpAnswer[], boundary: string, style: Style): string {
  const { line } = style;
  const name = (header: string) => (style.upper ? header.toUpperCase() : header);
  const texts = parts.map(({ headers, status, text }) =>
    [
      `--${boundary}`,
      `${name('Content-Type')}: application/http`,
      `${name('Content-Transfer-Encoding')}: binary`,
      ...Array.from({ length: 1 + style.blankLines }, () => ''),
      `HTTP/1.1 ${status} Some Reason`,
      ...Object.entries(headers).map(([header, value]) => `${name(header)}: ${value}`),
      ...(text === '' && style.blankLines === 0 ? [] : ['', text]),
      '',
    ].join(line),
  );
  return `${style.preamble}${texts.join('')}--${boundary}--${line}`;
}

const style: fc.Arbitrary<Style> = fc.record({
  line: fc.constantFrom('\r\n', '\n'),
  quoted: fc.boolean(),
  blankLines: fc.integer({ min: 0, max: 2 }),
  upper: fc.boolean(),
  preamble: fc.constantFrom('', 'ignored\r\n', '\r\n'),
});
const answers = fc.array(
  fc.oneof(
    fc.constant({ status: 204, headers: { 'odata-entityid': 'https://x/contacts(1)' }, text: '' }),
    fc.constant({ status: 412, headers: {}, text: '' }),
    fc.record({
      status: fc.constantFrom(200, 201, 400, 429),
      headers: fc.constantFrom({ etag: 'W/"1"', 'retry-after': '3' }, { 'content-type': 'application/json' }),
      text: hostileText.map((value) => JSON.stringify({ value })),
    }),
  ),
  { maxLength: 6 },
);

function parsed(text: string, boundary: string, quoted = false) {
  const type = `Multipart/Mixed; charset=utf-8; Boundary=${quoted ? `"${boundary}"` : boundary}`;
  return parseBatchAnswer({ headers: { 'content-type': type }, text });
}

describe('the answer to a batch', () => {
  it('is read however it is written', () => {
    fc.assert(
      fc.property(
        answers,
        style,
        fc.constantFrom('batchresponse_9ab', 'a+b(c)', 'b'),
        (parts, how, boundary) => {
          const text = answerText(parts, boundary, how);
          expect(parsed(text, boundary, how.quoted)).toEqual({ parts, isWhole: true });
        },
      ),
    );
  });

  it('gives the parts that are whole of one that is cut anywhere', () => {
    fc.assert(
      fc.property(answers, style, fc.nat(), (parts, how, cut) => {
        const text = answerText(parts, 'r_1', how);
        const read = parsed(text.slice(0, cut % text.length), 'r_1');
        expect(read?.parts).toEqual(parts.slice(0, read?.parts.length));
        if (read?.isWhole === true) expect(read.parts).toHaveLength(parts.length);
      }),
    );
  });

  it.each([
    ['JSON', 'application/json'],
    ['a page', 'text/html'],
    ['no type', ''],
  ])('is none when it is %s', (_what, type) => {
    expect(parseBatchAnswer({ headers: { 'content-type': type }, text: '--b--' })).toBeUndefined();
  });

  it.each([
    ['no boundary', 'multipart/mixed', '--b\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n--b--', []],
    [
      'another boundary',
      'multipart/mixed; boundary=c',
      '--b\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n--b--',
      [],
    ],
    [
      'a part without status',
      'multipart/mixed; boundary=b',
      '--b\r\nX: y\r\n\r\nhello\r\n--b\r\n',
      [undefined],
    ],
    [
      'a header that is none',
      'multipart/mixed; boundary=b',
      '--b\r\n\r\nHTTP/1.1 200 OK\r\n<html>\r\n\r\n{}\r\n--b\r\n',
      [undefined],
    ],
    [
      'an answer to a change set',
      'multipart/mixed; boundary=b',
      '--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nHTTP/1.1 204 No Content\r\n--c--\r\n--b\r\n',
      [undefined],
    ],
  ])('cannot be read with %s', (_what, type, text, parts) => {
    expect(parseBatchAnswer({ headers: { 'content-type': type }, text })).toEqual({ parts, isWhole: false });
  });
});
