import type { Break } from './break.js';

const dataverse = 'src/adapters/dataverse';
const BATCHING = 'test/adapters/dataverse/batching.test.ts';
const ANSWERS = 'test/adapters/side-by-side/batch-answers.test.ts';
const WRITES = 'test/adapters/dataverse/writes.test.ts';
const RESULTS = 'test/adapters/dataverse/batch-results.test.ts';

/** What is made of batches and believed of their answers, broken one rule at a time. */
export const BATCH_BREAKS: readonly Break[] = [
  {
    name: 'batches: two writes of one row go in one',
    file: `${dataverse}/gathering.ts`,
    find: ' && !rows.has(part.record)',
    put: '',
    tests: [BATCHING],
  },
  {
    name: 'batches: requests with different tokens go in one',
    file: `${dataverse}/gathering.ts`,
    find: ' && headers?.Authorization === token',
    put: '',
    tests: ['test/adapters/dataverse/batch-size.test.ts'],
  },
  {
    name: 'batches: a row of open fate goes with others again',
    file: `${dataverse}/batching.ts`,
    find: 'isSentAlone() || suspects.has(suspicion(part))',
    put: 'isSentAlone() || (suspects.has(suspicion(part)) && record === url)',
    tests: [BATCHING],
  },
  {
    name: 'batches: what another process left without an answer goes with others again',
    file: `${dataverse}/batching.ts`,
    find: 'isSentAlone() || suspects',
    put: '(isSentAlone() && record === url) || suspects',
    tests: [ANSWERS],
  },
  {
    name: 'batches: an update without an answer is not known by its link',
    file: 'src/application/sync/pair/write-dynamics.ts',
    find: 'isOpen ? context.dynamics.alone(update) : update()',
    put: 'update()',
    tests: [ANSWERS],
  },
  {
    name: 'batches: a creation that is taken back goes with others again',
    file: 'src/application/runs/phases/retry.ts',
    find: 'context.dynamics.alone(() => retryUnlinked(input, todo, last))',
    put: 'retryUnlinked(input, todo, last)',
    tests: [ANSWERS],
  },
  {
    name: 'batches: a removal without an answer goes with others again',
    file: 'src/application/sync/remove/apply-delete-policy.ts',
    find: 'return context.dynamics.alone(() => act(context, link));',
    put: '',
    tests: ['test/application/sync/pair/unanswered-writes.test.ts'],
  },
  {
    name: 'batches: what was perhaps carried out is repeated as if it was not',
    file: `${dataverse}/batching.ts`,
    find: 'sendAlone(part, result.mayHaveHappened)',
    put: 'sendAlone(part)',
    tests: [BATCHING],
  },
  {
    name: 'batches: a reading whose answer was cut is the fault of its row',
    file: `${dataverse}/batching.ts`,
    find: "if (result.failure.kind === 'malformed' && part.request.method === 'GET') return sendAlone(part);",
    put: '',
    tests: [BATCHING],
  },
  {
    name: 'batches: interrupted work is sent along',
    file: `${dataverse}/batching.ts`,
    find: 'withoutLate(withoutInterrupted(all), sentAt)',
    put: 'withoutLate(withoutInterrupted(all).length > 0 ? all : [], sentAt)',
    tests: [BATCHING],
  },
  {
    name: 'batches: an insert whose time is over is sent along',
    file: `${dataverse}/batching.ts`,
    find: 'withoutLate(withoutInterrupted(all), sentAt)',
    put: 'withoutInterrupted(all)',
    tests: [WRITES],
  },
  {
    name: 'an insert whose time is over is sent by itself',
    file: 'src/adapters/http/transport.ts',
    find: 'return now > latest;',
    put: 'return now > latest && latest === 0;',
    tests: [WRITES],
  },
  {
    name: 'an insert that was late may have been carried out before, and is not looked for',
    file: `${dataverse}/writes.ts`,
    find: "(failure.kind === 'late' && afterUnknownFate)",
    put: 'false',
    tests: [WRITES],
  },
  {
    name: 'batches: the first caller that stops stops the others',
    file: 'src/adapters/interruption.ts',
    find: 'each.every((signal)',
    put: 'each.some((signal)',
    tests: [BATCHING],
  },
  {
    name: 'batches: an environment without batches is asked for ever',
    file: `${dataverse}/batching.ts`,
    find: 'clock.now() >= resumesAt',
    put: 'clock.now() >= resumesAt - 1e9',
    tests: [BATCHING],
  },
  {
    name: 'batches: a refusal of the whole is that of each part',
    file: `${dataverse}/batch-results.ts`,
    find: 'if (isOfAll && !isSuccess)',
    put: 'if (!isSuccess)',
    tests: [RESULTS],
  },
  {
    name: 'batches: an answer that is cut means that the rest has not run',
    file: `${dataverse}/batch-results.ts`,
    find: 'const hasStopped = isWhole && ',
    put: 'const hasStopped = ',
    tests: [RESULTS],
  },
  {
    name: 'batches: more answers than requests are taken as they come',
    file: `${dataverse}/batch-results.ts`,
    find: 'if (parts.length > count)',
    put: 'if (parts.length > count + 100)',
    tests: [RESULTS],
  },
];
