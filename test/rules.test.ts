import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** Numbers of the rules, in their order in the document. */
function rules(): readonly string[] {
  const section =
    read('src/domain/README.md').split('\n## What "in sync" means\n')[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^(?:- |\| )\*\*([A-Z]\d+)\*\* /gm)].map(([, id = '']) => id);
}

function testFiles(): readonly string[] {
  const files = readdirSync(new URL('test/', root), { recursive: true, encoding: 'utf8' });
  return files.filter((name) => name.endsWith('.ts') && !name.endsWith('rules.test.ts'));
}

/** Titles that start with a text. */
function titles(start: string): readonly string[] {
  const title = new RegExp(`(?<=['"\`])${start}[^\n]*`, 'g');
  return testFiles().flatMap((file) => [...read(`test/${file}`).matchAll(title)].map(([text]) => text));
}

/** Each rule that a title names, with the files that do so: `[M5] a conflict …`, `[V6][V8] …`. */
function named(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const file of testFiles()) {
    for (const [tags] of read(`test/${file}`).matchAll(/(?<=['"`])(?:\[[A-Z]\d+\])+ /g)) {
      for (const [, id = ''] of tags.matchAll(/\[([A-Z]\d+)\]/g)) {
        found.set(id, [...(found.get(id) ?? []), file]);
      }
    }
  }
  return found;
}

it('each rule has a number of its own', () => {
  const all = rules();
  expect(all.length).toBeGreaterThan(50);
  expect(all.filter((id, index) => all.indexOf(id) !== index)).toEqual([]);
});

it('each rule has a test that names it, and each test names a rule that is there', () => {
  const tests = named();
  const all = rules();
  expect({
    withoutTest: all.filter((id) => !tests.has(id)),
    withoutRule: [...tests].filter(([id]) => !all.includes(id)),
  }).toEqual({ withoutTest: [], withoutRule: [] });
});

/** Ways in which AuthScape loses or corrupts data, by number; tests name the ones that they hold: `trap 6: …`. */
const TRAPS = 17;

it('each trap of AuthScape has a test that names it', () => {
  const named = new Set(
    titles('trap ').flatMap((title) => [...title.matchAll(/\btrap (\d+)[:,]/g)].map(([, n]) => Number(n))),
  );
  const all = Array.from({ length: TRAPS }, (_, index) => index + 1);
  expect(all.filter((trap) => !named.has(trap))).toEqual([]);
});
