import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { BridgeError, ERROR_CODES } from '../src/domain/errors.js';
import { problem } from '../src/functions/problem.js';

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
const guide = read('infra/README.md');
/** Every document that a reader is sent to. */
const DOCUMENTS = ['README.md', 'src/README.md', 'src/domain/README.md', 'infra/README.md', 'test/README.md'];

/** Cells of the first table under a heading, without its head. */
function tableUnder(heading: string): readonly (readonly string[])[] {
  const section = guide.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = section.split('\n');
  const start = lines.findIndex((line) => line.startsWith('| '));
  const rows: string[][] = [];
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith('| ')) break;
    rows.push(
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  }
  return rows;
}

const quoted = (cell: string | undefined): readonly string[] =>
  [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

describe('the table of error codes', () => {
  const rows = tableUnder('Troubleshooting by error code');
  const documented = rows.flatMap(([codes]) => quoted(codes));

  it('lists every code once and no other', () => {
    expect([...documented].sort()).toEqual([...ERROR_CODES].sort());
  });

  it('gives the status that is answered', () => {
    const given = rows.flatMap(([codes, status]) => quoted(codes).map((code) => [code, Number(status)]));
    const answered = ERROR_CODES.map((code) => [code, problem(new BridgeError(code, ''), '').status]);
    expect(Object.fromEntries(given)).toEqual(Object.fromEntries(answered));
  });
});

it('the table of reasons lists each that a record can have', () => {
  const section = guide.split('\n## Troubleshooting by error code\n')[1]?.split('\n## ')[0] ?? '';
  const documented = [...ERROR_CODES, ...quoted(section.split('Reasons of single records')[1])];
  const files = readdirSync(new URL('../src/', import.meta.url), { recursive: true, encoding: 'utf8' });
  // What differs at a webhook, and what a diagnosis recommends or its watch logs, is no reason of a record.
  const code = files.filter(
    (file) => file.endsWith('.ts') && !/webhook\.ts$|diagnos|second-writer/.test(file),
  );
  const sources = code.map((file) => read(`src/${file}`));
  const skips =
    /const SKIP_TEXT.*?\{\n(.*?)\n\};/s.exec(read('src/application/sync/context/record-results.ts'))?.[1] ??
    '';
  const given = [
    ...[...skips.matchAll(/^ {2}(\w+):/gm)],
    ...[
      /RecordRejectedError\(\s*'(\w+)'/g,
      /\b(?:fail|failRecord)\('(\w+)'/g,
      /\b(?:reason|code): '([a-z]+(?:_[a-z]+)+)'/g,
      /\['0x[0-9a-f]{8}', '([a-z]\w+)'\]/g,
      /error: \{\s*code: '(\w+)'/g,
    ].flatMap((form) => sources.flatMap((source) => [...source.matchAll(form)])),
  ].map(([, name = '']) => name);
  expect(given).toEqual(expect.arrayContaining(['tombstone', 'unknown_option', 'email_taken', 'unlinked']));
  expect([...new Set(given)].filter((name) => !documented.includes(name))).toEqual([]);
});

describe('the table of settings', () => {
  /** These come from the platform; the text under the table names them. */
  const fromPlatform = ['IDENTITY_ENDPOINT', 'WEBSITE_INSTANCE_ID', 'WEBSITE_SITE_NAME'];
  const config = read('src/config.ts');
  const schema = /const SETTINGS = z\.object\(\{\n(.*?)\n\}\);/s.exec(config)?.[1] ?? '';
  const parsed = [...schema.matchAll(/^ {2}(\w+):/gm)].map(([, name = '']) => name);
  const bound = [...read('src/main.ts').matchAll(/'%(\w+)%'/g)].map(([, name = '']) => name);
  const rows = tableUnder('Configuration');

  it('lists every setting once and no other', () => {
    const settings = [...parsed, ...bound].filter((name) => !fromPlatform.includes(name));
    expect(rows.flatMap(([names]) => quoted(names)).sort()).toEqual(settings.sort());
  });

  it('gives the numbers that hold when nothing is set', () => {
    const defaults = [...schema.matchAll(/^ {2}(\w+):[^:]*?(?:positive|default)\((\d+)\)/gm)];
    expect(defaults.length).toBeGreaterThan(0);
    for (const [, name, value] of defaults) {
      const row = rows.find(([names]) => quoted(names).includes(name ?? ''));
      expect(row?.[1]?.split(' ')[0], name).toBe(value);
    }
  });
});

const anchorsOf = (file: string): readonly string[] =>
  [...read(file).matchAll(/^#{1,6} (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

it.each(DOCUMENTS)('%s links to files and headings that are there', (file) => {
  for (const [, link = ''] of read(file).matchAll(/\]\(([^)]+)\)/g)) {
    if (link.startsWith('https://')) continue;
    const [target = '', anchor] = link.split('#');
    const found = target === '' ? file : path.posix.join(path.posix.dirname(file), target);
    expect(read(found), link).not.toBe('');
    if (anchor !== undefined) expect(anchorsOf(found), link).toContain(anchor);
  }
});

it('the README can be read in one sitting', () => {
  expect(read('README.md').split('\n').length).toBeLessThanOrEqual(250);
});
