import { expect, it } from 'vitest';
import { healthFacts, healthOf } from '../../../../src/application/runs/step/run-health.js';
import { withFacts } from '../../../../src/domain/run-facts.js';
import { aRun } from '../../../support/builders.js';

const cursorWith = (failing: string | null) => ({
  ...aRun().cursor,
  facts: { ofSide: { dynamics: { failing } } },
});

it('a worker that has learned nothing of a side leaves what another one told of it', () => {
  const told = healthOf(aRun());
  const facts = withFacts({ ofSide: { dynamics: { failing: 'It refuses all.' } } }, healthFacts(told, told));
  expect(facts.ofSide?.dynamics?.failing).toBe('It refuses all.');
});

it.each([
  [null, 'It refuses all.'],
  ['It refuses all.', null],
])('what a worker has learned counts: %s, then %s', (before, now) => {
  const run = aRun({ cursor: cursorWith(before) });
  const [health, told] = [healthOf(run), healthOf(run)];
  health.dynamics.failing = now;
  expect(withFacts(run.cursor.facts, healthFacts(health, told)).ofSide).toEqual({
    dynamics: { failing: now },
  });
});
