/**
 * Prints "N passed, N failed" over all reports of vitest in a folder; a file that could not even be loaded counts as a
 * failure. The run named "deployed" counts no passed tests: it repeats them on another version.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const [folder] = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const name of readdirSync(folder)) {
  const report = JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  passed += name === 'deployed.json' ? 0 : report.numPassedTests;
  failed += report.numFailedTests + unloaded.length;
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
