import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { root } from './support/template.js';

const costs = (...given: readonly string[]) =>
  spawnSync(process.execPath, [path.join(root, 'infra/costs.mjs'), ...given], { encoding: 'utf8' });

it('the guide shows what the calculation of costs prints', () => {
  const { status, stdout } = costs();
  expect(status).toBe(0);
  expect(readFileSync(path.join(root, 'infra/README.md'), 'utf8')).toContain(`\`\`\`text\n${stdout}\`\`\``);
});

it('costs less with fewer pairs, and counts fewer requests', () => {
  const figures = (text: string, what: string) =>
    Number(new RegExp(`^${what} .*?([\\d.,]+)$`, 'm').exec(text)?.[1]?.replaceAll(',', ''));
  const [many, few] = [costs().stdout, costs('pairs=5000', 'changes=100').stdout];
  for (const what of ['together', 'Dataverse', 'AuthScape']) {
    expect(figures(few, what)).toBeLessThan(figures(many, what));
  }
});

it.each(['pears=3', 'pairs=0', 'pairs'])('refuses %s', (argument) => {
  const { status, stderr } = costs(argument);
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('Known: pairs, changes') });
});
