import type { HttpHandler } from '@azure/functions';
import { beforeEach, describe, expect, it } from 'vitest';
import { call, faultsOf, type TestBridge } from '../support/bridge.js';
import { givenConnected } from './support/openings.js';

let bridge: TestBridge;
let connection: string;
beforeEach(async () => {
  ({ bridge, connection } = await givenConnected());
});

/** Every handler whose route takes no query. */
const withoutQuery: readonly [string, (from: TestBridge) => HttpHandler][] = [
  ['POST connections', (from) => from.connections.create],
  ['GET connection', (from) => from.connections.get],
  ['PATCH connection', (from) => from.connections.patch],
  ['DELETE connection', (from) => from.connections.remove],
  ['POST test', (from) => from.connections.test],
  ['GET mapping', (from) => from.mappings.get],
  ['DELETE mapping', (from) => from.mappings.remove],
  ['GET field', (from) => from.fields.get],
  ['DELETE field', (from) => from.fields.remove],
  ['GET relationship', (from) => from.relationships.get],
  ['DELETE relationship', (from) => from.relationships.remove],
  ['POST sync', (from) => from.runs.request],
  ['GET run', (from) => from.runs.get],
  ['POST cancel', (from) => from.runs.cancel],
  ['POST approve', (from) => from.runs.approve],
  ['POST reject', (from) => from.runs.reject],
  ['POST users/sync', (from) => from.records.user],
  ['POST companies/sync', (from) => from.records.company],
  ['POST locations/sync', (from) => from.records.location],
  ['POST records/sync', (from) => from.records.dynamics],
  ['POST preview', (from) => from.records.preview],
  ['DELETE link', (from) => from.linksAndLogs.unlink],
  ['GET duplicates', (from) => from.linksAndLogs.duplicates],
  ['POST webhook', (from) => from.webhook.register],
  ['GET webhook', (from) => from.webhook.get],
  ['DELETE webhook', (from) => from.webhook.remove],
  ['POST rotate-secret', (from) => from.webhook.rotate],
  ['GET power-automate', (from) => from.webhook.powerAutomate],
  ['POST replay of all', (from) => from.deadLetters.replayAll],
  ['POST replay', (from) => from.deadLetters.replay],
  ['DELETE dead letter', (from) => from.deadLetters.remove],
  ['POST authscape/events', (from) => from.events.authScape],
];

const withoutBody = withoutQuery.filter(([route]) =>
  /^POST (?:test|cancel|approve|reject|\w+\/sync|rotate-secret|replay)/.test(route),
);

describe('what a route does not take', () => {
  it.each(withoutQuery)('is refused in the query: %s', async (_route, handlerOf) => {
    const reply = await call(handlerOf(bridge), {
      params: { id: connection },
      query: { dryRun: 'true', code: 'a function key' },
      method: 'POST',
    });
    expect(faultsOf(reply)).toEqual(['400 invalid_request', 'dryRun: This property is not known.']);
  });

  it.each(withoutBody)('is refused in the body: %s', async (_route, handlerOf) => {
    const send = async (body: string, headers: Record<string, string> = {}) =>
      faultsOf(await call(handlerOf(bridge), { params: { id: connection }, body, headers, method: 'POST' }));

    expect(await send('{"dryRun":true}')).toEqual([
      '400 invalid_request',
      'dryRun: This property is not known.',
    ]);
    expect(await send('{"dryRun":')).toEqual(['400 invalid_json']);
    expect(await send('dryRun=1', { 'content-type': 'text/plain' })).toEqual(['415 unsupported_media_type']);
    expect(await send('x'.repeat(1_048_577))).toEqual(['413 payload_too_large']);
  });

  it.each(['{}', 'null', ' '])('is not missed in the body %j', async (body) => {
    const reply = await call(bridge.connections.test, { params: { id: connection }, body, method: 'POST' });
    expect(reply.status).toBe(200);
  });
});
