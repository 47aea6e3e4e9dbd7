import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type OtlpReceiver, startOtlpReceiver } from '../stack/otlp.js';
import {
  bothSides,
  contactOf,
  type Journey,
  startJourney,
  startWithinMs,
  userOf,
} from './support/journey.js';
import { putMessage } from './support/storage-scan.js';
import { until } from './support/wait.js';

/** What the service tells a collector of OpenTelemetry about its work, on the whole stack. */

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';

let collector: OtlpReceiver;
let journey: Journey;
let connectionId: string;

beforeAll(async () => {
  collector = await startOtlpReceiver();
  journey = await startJourney({
    SYNC_SCHEDULE: '0 0 0 1 1 *',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_METRIC_EXPORT_INTERVAL: '500',
    OTEL_BSP_SCHEDULE_DELAY: '200',
  });
  await journey.dynamics.seed({ contacts: 12, accounts: 0, seed: 11 });
  await journey.authScape.seed({ users: 12, companies: 0, locations: 0, seed: 11, overlap: 1 });
  connectionId = await journey.api.createConnection();
  await journey.api.createMapping(connectionId, 'User', 'contact');
}, startWithinMs);
afterAll(async () => {
  await journey?.stop();
  await collector?.close();
});

const spansOf = (traceId: string | undefined) => collector.spans().filter((span) => span.traceId === traceId);
const told = (name: string, labels: Record<string, unknown> = {}): number =>
  collector
    .points()
    .filter((point) => point.name === name)
    .filter((point) => Object.entries(labels).every(([key, value]) => point.labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0);
const arrives = (what: string, check: () => boolean) =>
  until(what, async () => check(), { withinMs: 20_000 });

describe('telemetry', () => {
  it('makes one trace of a sync: the call that asked for it, and each step', async () => {
    const headers = { traceparent: `00-${TRACE}-${PARENT}-01` };
    const asked = await journey.api.ask('POST', `connections/${connectionId}/sync`, {
      body: { mode: 'full' },
      headers,
    });
    expect(asked.status).toBe(202);
    const { id } = z.looseObject({ id: z.string() }).parse(asked.body);
    const run = await journey.api.follow(id);
    expect(run.status).toBe('succeeded');
    await arrives('the trace', () => spansOf(TRACE).some(({ name }) => name === 'workerRuns'));
    const [first] = spansOf(TRACE).filter(({ name }) => name === 'runsRequest');
    expect(first?.parentSpanId).toBe(PARENT);
    const steps = spansOf(TRACE).filter(({ name }) => name === 'workerRuns');
    expect(steps[0]).toMatchObject({ parentSpanId: first?.spanId, kind: 5 });

    await arrives('the metrics of the run', () => told('bridge.runs', { status: 'succeeded' }) === 1);
    const { created, linked, unchanged, updated } = run.counts;
    await arrives('its records', () => {
      const records = (outcome: string) => told('bridge.records', { outcome, trigger: 'run' });
      return records('linked') === linked && records('created') === created && records('updated') === updated;
    });
    expect(linked + created + updated + unchanged).toBeGreaterThan(0);
    expect(told('bridge.requests', { side: 'dynamics', status: '200' })).toBeGreaterThan(0);
    expect(told('bridge.requests', { side: 'authScape', status: '200' })).toBeGreaterThan(0);
    expect(told('bridge.queue.age', { function: 'workerRuns' })).toBeGreaterThan(0);
    expect(told('bridge.api.answers', { function: 'runsRequest', status: 202 })).toBe(1);
  });

  it('makes one trace of a webhook event across the queue, and tells how long it took', async () => {
    const baseUrl = journey.stack.info.functions;
    await journey.api.expect(z.unknown(), 'POST', `connections/${connectionId}/webhook`, { baseUrl });
    await journey.dynamics.post('webhooks', { deliver: true });
    const sides = await bothSides(journey);
    const contact = sides.dynamics.contacts.find(
      ({ emailaddress1 }) =>
        emailaddress1 !== null && sides.authScape.users.some(({ email }) => email === emailaddress1),
    );
    const address = contact?.emailaddress1 ?? '';
    await journey.editors.dynamics('PATCH', `contacts(${contactOf(sides, address).contactid})`, {
      lastname: 'Secretname',
    });
    await until(
      'the user has the name',
      async () => userOf(await bothSides(journey), address).lastName === 'Secretname',
    );
    const worked = () =>
      collector
        .spans()
        .find(({ name, parentSpanId }) => name === 'workerRecords' && parentSpanId !== undefined);
    await arrives('the trace', () => worked() !== undefined);
    const trace = spansOf(worked()?.traceId);
    const received = trace.find(({ name }) => name === 'eventsDynamics');
    expect(worked()?.parentSpanId).toBe(received?.spanId);
    await arrives('its latency', () => told('bridge.event.latency') > 0);
    await arrives('the event', () => told('bridge.events', { echo: false }) > 0);
    expect(told('bridge.records', { outcome: 'updated', trigger: 'event' })).toBeGreaterThan(0);
    expect(collector.text()).not.toContain('Secretname');
    expect(collector.text()).not.toContain(address);
  });

  it('counts what waits and what becomes a dead letter', async () => {
    const sides = await bothSides(journey);
    const [user] = sides.authScape.users.filter(({ email }) =>
      sides.dynamics.contacts.some((row) => row.emailaddress1 === email),
    );
    await journey.dynamics.post('webhooks', { deliver: false });
    await journey.dynamics.faults({ match: 'GET contacts', times: 1, status: 429, retryAfter: 1 });
    await journey.editors.dynamics('PATCH', `contacts(${contactOf(sides, user?.email ?? '').contactid})`, {
      emailaddress1: 'no address',
    });
    const message = {
      ...{ v: 1, kind: 'record', connectionId, source: 'dynamics', entity: 'contact' },
      id: contactOf(sides, user?.email ?? '').contactid,
      receivedAt: new Date().toISOString(),
    };
    // As the version before wrote it: without traceparent.
    await putMessage(journey.stack.info, 'sync-records', message);
    await arrives('the dead letter', () => told('bridge.dead_letters') > 0);
    await arrives('the wait', () => told('bridge.wait', { reason: 'dynamics.pause' }) > 0);
  });
});
