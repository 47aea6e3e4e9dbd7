import { expect, it } from 'vitest';
import { type Alert, alertBody, pauseAfter } from '../../src/domain/alerts.js';

const alert: Alert = {
  id: 'al_1',
  kind: 'runFailed',
  connectionId: 'c_1',
  at: '2026-11-29T08:00:00.000Z',
  runId: 'r_1',
  code: 'dynamics_error',
};

it('a plain alert is posted as it is', () => {
  expect(JSON.parse(alertBody(alert, 'json'))).toEqual(alert);
});

it('a Teams workflow gets a message with an adaptive card', () => {
  const { attachments, type } = JSON.parse(alertBody(alert, 'teamsWorkflow'));
  expect(type).toBe('message');
  expect(attachments).toMatchObject([
    {
      contentType: 'application/vnd.microsoft.card.adaptive',
      content: { type: 'AdaptiveCard', version: '1.4' },
    },
  ]);
  const [title, facts] = attachments[0].content.body;
  expect(title).toMatchObject({ type: 'TextBlock', text: 'A sync failed' });
  expect(facts).toEqual({
    type: 'FactSet',
    facts: [
      { title: 'kind', value: 'runFailed' },
      { title: 'connectionId', value: 'c_1' },
      { title: 'at', value: alert.at },
      { title: 'runId', value: 'r_1' },
      { title: 'code', value: 'dynamics_error' },
    ],
  });
});

it('pauses grow up to an hour', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 70].map((attempts) => pauseAfter(attempts) / 60_000)).toEqual([
    1, 2, 5, 15, 30, 60, 60, 60,
  ]);
});
