import { z } from 'zod';
import { type Receiver, startReceiver } from './receiver.js';

const attribute = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) });
const attributes = z
  .array(attribute)
  .default([])
  .transform((all) => Object.fromEntries(all.map(({ key, value }) => [key, Object.values(value)[0]])));

const spanSchema = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  attributes,
  links: z.array(z.object({ traceId: z.string() })).default([]),
});
const tracesSchema = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })),
    }),
  ),
});
const pointSchema = z.object({
  attributes,
  asDouble: z.number().optional(),
  asInt: z.coerce.number().optional(),
  count: z.coerce.number().optional(),
  sum: z.number().optional(),
});
const dataSchema = z.object({ dataPoints: z.array(pointSchema) });
const metricsSchema = z.object({
  resourceMetrics: z.array(
    z.object({
      scopeMetrics: z.array(
        z.object({
          metrics: z.array(
            z.object({ name: z.string(), sum: dataSchema.optional(), histogram: dataSchema.optional() }),
          ),
        }),
      ),
    }),
  ),
});

export type OtlpSpan = z.infer<typeof spanSchema>;

export interface OtlpPoint {
  readonly name: string;
  readonly labels: Record<string, unknown>;
  /** Of a counter its sum, of a histogram how often something was measured. */
  readonly value: number;
}

export interface OtlpReceiver extends Pick<Receiver, 'url' | 'close'> {
  spans(): readonly OtlpSpan[];
  /** The newest state of every series that was told; one process tells. */
  points(): readonly OtlpPoint[];
  /** All that came, as text. */
  text(): string;
}

/** A collector of OpenTelemetry that takes OTLP over HTTP in JSON, as the specification lays it out. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const { close, received, url } = await startReceiver();
  const bodies = (path: string) =>
    received.filter((one) => one.path === path).map(({ text }) => JSON.parse(text) as unknown);
  return {
    url,
    close,
    spans: () =>
      bodies('/v1/traces')
        .flatMap((body) => tracesSchema.parse(body).resourceSpans)
        .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    points: () => newestOf(bodies('/v1/metrics').flatMap(pointsOf)),
    text: () => received.map(({ text }) => text).join('\n'),
  };
}

function pointsOf(body: unknown): readonly OtlpPoint[] {
  return metricsSchema
    .parse(body)
    .resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
    .flatMap(({ histogram, name, sum }) =>
      [...(sum?.dataPoints ?? []), ...(histogram?.dataPoints ?? [])].map((point) => ({
        name,
        labels: point.attributes,
        value: point.asInt ?? point.asDouble ?? point.count ?? 0,
      })),
    );
}

/** Sums are cumulative: the last one of a series stands for all before it. */
function newestOf(points: readonly OtlpPoint[]): readonly OtlpPoint[] {
  return [
    ...new Map(points.map((point) => [`${point.name} ${JSON.stringify(point.labels)}`, point])).values(),
  ];
}
