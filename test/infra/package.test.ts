import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { root } from './support/template.js';
import { unzip } from './support/zip.js';

const directory = mkdtempSync(path.join(tmpdir(), 'package-'));
afterAll(() => rmSync(directory, { recursive: true }));

async function pack(name: string, ...version: readonly string[]): Promise<Buffer> {
  const file = path.join(directory, name);
  await promisify(execFile)(process.execPath, [path.join(root, 'infra/package.mjs'), file, ...version]);
  return readFileSync(file);
}

describe('the package', () => {
  it('holds the bundle, the console, the settings of the host and the version, and nothing else', async () => {
    const files = unzip(await pack('a.zip', '9.8.7+abc'));
    const page = [...files.keys()].filter((name) => name.startsWith('dist/console/'));
    const bundle = readdirSync(path.join(root, 'dist')).filter((name) => name.endsWith('.js'));
    expect([...files.keys()]).toEqual([
      'host.json',
      'package.json',
      ...bundle.sort().map((name) => `dist/${name}`),
      'dist/NOTICES.txt',
      ...page,
    ]);
    expect(page).toContain('dist/console/embed.js');
    expect(files.get('dist/console/index.html')).toEqual(
      readFileSync(path.join(root, 'dist/console/index.html')),
    );
    expect(bundle).toContain('main.js');
    for (const name of bundle) {
      const built = readFileSync(path.join(root, 'dist', name));
      expect(files.get(`dist/${name}`)?.equals(built)).toBe(true);
    }
    expect(files.get('host.json')).toEqual(readFileSync(path.join(root, 'host.json')));
    const own = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    expect(JSON.parse(String(files.get('package.json')))).toEqual({
      name: own.name,
      version: '9.8.7+abc',
      private: true,
      type: 'module',
      main: 'dist/main.js',
    });
  }, 30_000);

  it.each([[[]], [['--unknown']], [['a.zip', '1.0.0', 'more']]])(
    'shows how it is made for %j',
    async (given) => {
      const script = path.join(root, 'infra/package.mjs');
      await expect(promisify(execFile)(process.execPath, [script, ...given])).rejects.toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^Usage: /),
      });
    },
  );

  it('has the licences of the packages in the bundle, and a bill of materials beside it', async () => {
    const notices = String(unzip(await pack('d.zip', '1.2.3')).get('dist/NOTICES.txt'));
    const materials = JSON.parse(readFileSync(path.join(directory, 'd.cdx.json'), 'utf8'));
    const own = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    expect(materials).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      metadata: { component: { name: own.name, version: '1.2.3' } },
    });
    const names = materials.components.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(own.dependencies)));
    for (const { name, version, hashes, purl } of materials.components) {
      expect(notices).toContain(`\n${name} ${version} (`);
      expect(hashes).toEqual([{ alg: 'SHA-512', content: expect.stringMatching(/^[\da-f]{128}$/) }]);
      expect(purl).toContain(`@${version}`);
    }
  });

  it('is made of packages that the lock file knows by their digests', () => {
    const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
    const bare = Object.keys(packages).filter(
      (name) => name !== '' && packages[name].integrity === undefined,
    );
    expect(bare).toEqual([]);
  });

  it('has the version of the project when none is given, and the same bytes every time', async () => {
    const [first, second] = [await pack('b.zip'), await pack('c.zip')];
    expect(first.equals(second)).toBe(true);
    const own = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    expect(JSON.parse(String(unzip(first).get('package.json')))).toMatchObject({ version: own.version });
  }, 30_000);
});
