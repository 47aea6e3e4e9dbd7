/** Judges the output of `npm audit --json`: findings of high severity fail; a registry that gives no advisories does not. */
import { readFileSync } from 'node:fs';

const text = readFileSync(process.argv[2], 'utf8');
const answer = text.trim() === '' ? {} : JSON.parse(text);
const counts = answer.metadata?.vulnerabilities;
if (counts === undefined) {
  const why = answer.message ?? answer.error?.summary ?? 'no answer';
  process.stdout.write(
    `Not audited: the registry's advisory endpoint does not answer (${why.split(' - ')[0]}).\n`,
  );
} else {
  process.stdout.write(`Known vulnerabilities of what is deployed: ${JSON.stringify(counts)}\n`);
  if (counts.high + counts.critical > 0) {
    process.stdout.write(`${JSON.stringify(answer.vulnerabilities, null, 2)}\n`);
    process.exitCode = 1;
  }
}
