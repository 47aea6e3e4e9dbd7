import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { BREAKS } from './breaks.js';

const root = path.resolve(import.meta.dirname, '../..');

it('every deliberate break has its place in the code, and a name of its own', () => {
  const lost = BREAKS.filter(({ file, find }) => !readFileSync(path.join(root, file), 'utf8').includes(find));
  expect(lost.map(({ name }) => name)).toEqual([]);
  expect(new Set(BREAKS.map(({ name }) => name)).size).toBe(BREAKS.length);
});
