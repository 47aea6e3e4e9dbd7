import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './support/template.js';

const GUIDES = ['README.md', 'src/README.md', 'infra/README.md'] as const;
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** Commands of the shell in a guide, in order, with continued lines in one. */
function commandsOf(file: string): readonly string[] {
  const blocks = [...read(file).matchAll(/^ *```(?:sh|bash)\n(.*?)^ *```$/gms)];
  return blocks.flatMap(([, block = '']) => block.replaceAll(/\\\n\s*/g, '').split('\n'));
}

describe.each(GUIDES)('the commands in %s', (file) => {
  // The front end of Azure answers 411 to a POST that says nothing of its length, which no host on this machine does.
  it('say the length of a POST, also of an empty one', () => {
    const commands = commandsOf(file);
    expect(commands.filter((line) => / (?:-d|--data) ''/.test(line)).length).toBeGreaterThan(0);
    const posts = commands.filter((line) => /(?:-X|--request) POST\b/.test(line));
    expect(posts.filter((line) => !/ (?:-d|--data|--json) /.test(line))).toEqual([]);
  });

  it('use no variable that none before has set', () => {
    const known = new Set(['HOME', 'PATH']);
    const unknown: string[] = [];
    for (const line of commandsOf(file)) {
      const own = [...line.matchAll(/\bfor (\w+) in\b/g)].map(([, name = '']) => name);
      for (const name of own) known.add(name);
      for (const [, name = ''] of line.matchAll(/\$\{?([A-Za-z]\w*)/g))
        if (!known.has(name)) unknown.push(name);
      for (const [, name = ''] of line.matchAll(/(?:^|[\s;])(\w+)=/g)) known.add(name);
    }
    expect(unknown).toEqual([]);
  });
});

// The host hands no body on that comes in chunks, and that is how this method of .NET sends.
it("the sketch for AuthScape's host sends its events with a length", () => {
  const sketch = read('infra/authscape-events.cs');
  expect(sketch).not.toMatch(/AsJsonAsync\(/);
  expect(sketch).toContain('LoadIntoBufferAsync');
});
