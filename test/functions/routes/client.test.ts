import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('the generated client', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'client-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is that of the present routes: npm run generate:client', async () => {
    const file = join(folder, 'schema.d.ts');
    await run(process.execPath, ['--import', 'tsx', 'infra/generate-client.mjs', file], { cwd: root });

    expect(await readFile(file, 'utf8')).toBe(
      await readFile(join(root, 'src/console/api/schema.d.ts'), 'utf8'),
    );
  });

  it('type-checks with openapi-fetch, and refuses what the API does not have', async () => {
    const project = join(folder, 'tsconfig.json');
    const config = {
      extends: join(root, 'test/tsconfig.json'),
      files: [join(root, 'test/functions/routes/client-use.ts')],
      include: [],
      compilerOptions: { rootDir: '/', typeRoots: [join(root, 'node_modules/@types')] },
    };
    await writeFile(project, JSON.stringify(config));
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const said = await run(process.execPath, [compiler, '-p', project]).catch((error: unknown) => error);

    expect(said).toMatchObject({ stdout: '', stderr: '' });
    expect(said).not.toBeInstanceOf(Error);
  });
});
