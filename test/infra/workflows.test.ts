import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './support/template.js';

const directory = path.join(root, '.github/workflows');
const workflows = readdirSync(directory).map((name) => ({
  name,
  text: readFileSync(path.join(directory, name), 'utf8'),
}));

describe('the workflows', () => {
  it('exist for checks and for deployments', () => {
    expect(workflows.map(({ name }) => name).sort()).toEqual(['ci.yml', 'deploy.yml']);
  });

  it.each(workflows)('$name uses actions by commit and no secret', ({ text }) => {
    const used = [...text.matchAll(/uses: (\S+)(.*)$/gm)];
    expect(used.length).toBeGreaterThan(0);
    for (const [, action = '', comment = ''] of used) {
      expect(action).toMatch(/@[0-9a-f]{40}$/);
      expect(comment).toMatch(/^ # v\d+\.\d+\.\d+$/);
    }
    expect(text).not.toContain('secrets.');
    expect(text).toMatch(/^permissions:\n {2}contents: read$/m);
  });

  it.each(workflows)('$name puts no expression into a script', ({ text }) => {
    const scripts = [...text.matchAll(/^( *)(?:- )?run: (?:\|\n((?:\1 +.*\n|\n)+)|(.*))/gm)];
    expect(scripts.length).toBeGreaterThan(0);
    for (const [script] of scripts) expect(script).not.toContain('${{');
  });
});
