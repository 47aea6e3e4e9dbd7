import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

it('updates of packages and actions are proposed every week', () => {
  const dependabot = readFileSync(path.join(root, '.github/dependabot.yml'), 'utf8');
  const ecosystems = [...dependabot.matchAll(/package-ecosystem: (\S+)/g)].map(([, name]) => name);
  expect(ecosystems).toEqual(['npm', 'github-actions']);
});

describe('the deployment', () => {
  const deploy = workflows.find(({ name }) => name === 'deploy.yml')?.text ?? '';
  const stepOf = (title: string): string => {
    const [, step = ''] = deploy.split(`- name: ${title}\n`);
    return step.split(/^ {6}- /m)[0] ?? '';
  };

  it('takes packages only from runs that may be trusted', () => {
    expect(stepOf('Fetch the package')).toMatch(
      /runs\.mjs check "\$PACKAGE_RUN"\n +gh run download "\$PACKAGE_RUN"/,
    );
    const earlier = stepOf('Fetch the package that works here now');
    expect(earlier).toMatch(/before="\$\(node infra\/runs\.mjs newest [^)]*\)"/);
    expect([...deploy.matchAll(/gh run download "(\$\w+)"/g)].map(([, run]) => run)).toEqual([
      '$PACKAGE_RUN',
      '$before',
    ]);
  });

  it('audits what it deploys, and keeps the bill of materials beside the package', () => {
    expect(stepOf('Audit')).toMatch(
      /npm audit --omit=dev .*--json >audit\.json.*\n +node \.ci\/audit\.mjs audit\.json/,
    );
    expect(stepOf('Pack')).toContain('package/package.zip');
  });

  it.each([
    { name: 'high findings', counts: { high: 1, critical: 0 }, status: 1 },
    { name: 'critical findings', counts: { high: 0, critical: 2 }, status: 1 },
    { name: 'low findings only', counts: { high: 0, critical: 0, low: 3 }, status: 0 },
  ])('judges $name', ({ counts, status }) => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'audit-')), 'audit.json');
    writeFileSync(file, JSON.stringify({ metadata: { vulnerabilities: counts }, vulnerabilities: {} }));
    const judged = spawnSync(process.execPath, [path.join(root, '.ci/audit.mjs'), file]);
    rmSync(path.dirname(file), { recursive: true });
    expect(judged.status).toBe(status);
  });

  it('goes back only when the new package could not be deployed or is not healthy', () => {
    const [condition = ''] = /if: >-\n.*?\}\}/s.exec(stepOf('Go back to the package before')) ?? [];
    expect(condition).toContain("(steps.deploy.outcome == 'failure' || steps.smoke.outcome == 'failure')");
    expect(stepOf('Smoke test')).toContain('id: smoke');
  });
});
