/**
 * Prints "N passed, N failed" over all reports of vitest in a folder; a file that could not even be loaded counts as a
 * failure. Only the run named "node" counts what passed: the other repeats it on another version.
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
  passed += name === 'node.json' ? report.numPassedTests : 0;
  failed += report.numFailedTests + unloaded.length;
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
