import type { TokenCredential } from '@azure/identity';
import { AzureMonitorMetricExporter, AzureMonitorTraceExporter } from '@azure/monitor-opentelemetry-exporter';
import {
  type Context,
  type Counter,
  context,
  type Histogram,
  type Link,
  metrics,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace-node';
import type { SpanStart, Telemetry } from '../../application/ports/telemetry.js';
import type { TelemetrySettings } from './telemetry.js';

const NAME = 'authscape-dynamics-bridge';

/** Registers the exporters for this process, and answers what speaks to them. */
export function startOpenTelemetry(settings: TelemetrySettings, credential: TokenCredential): Telemetry {
  const close = startSdk(settings, credential);
  return { ...createMetrics(), ...createSpans(), close };
}

/** Where spans and metrics go: to Application Insights, over OTLP, or to both. */
function startSdk(settings: TelemetrySettings, credential: TokenCredential): () => Promise<void> {
  const { connectionString, metricIntervalMs, otlpEndpoint } = settings;
  const traceExporters: SpanExporter[] = [];
  const metricExporters: PushMetricExporter[] = [];
  if (connectionString !== undefined) {
    const options = { connectionString, credential };
    traceExporters.push(new AzureMonitorTraceExporter(options));
    metricExporters.push(new AzureMonitorMetricExporter(options));
  }
  if (otlpEndpoint !== undefined) {
    traceExporters.push(new OTLPTraceExporter({ url: `${otlpEndpoint}/v1/traces` }));
    metricExporters.push(new OTLPMetricExporter({ url: `${otlpEndpoint}/v1/metrics` }));
  }
  const timing = {
    exportIntervalMillis: metricIntervalMs,
    exportTimeoutMillis: Math.min(30_000, metricIntervalMs),
  };
  const resource = resourceFromAttributes({ 'service.name': NAME });
  const spanProcessors = traceExporters.map((exporter) => new BatchSpanProcessor(exporter));
  const readers = metricExporters.map(
    (exporter) => new PeriodicExportingMetricReader({ exporter, ...timing }),
  );
  const tracers = new NodeTracerProvider({ resource, spanProcessors });
  const meters = new MeterProvider({ resource, readers });
  tracers.register();
  metrics.setGlobalMeterProvider(meters);
  return async () => {
    await Promise.all([tracers.shutdown(), meters.shutdown()]);
  };
}

function createMetrics(): Pick<Telemetry, 'count' | 'duration'> {
  const meter = metrics.getMeter(NAME);
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  return {
    count: (name, n, labels) => {
      const counter = counters.get(name) ?? meter.createCounter(name);
      counters.set(name, counter);
      counter.add(n, labels);
    },
    duration: (name, ms, labels) => {
      const histogram = histograms.get(name) ?? meter.createHistogram(name, { unit: 'ms' });
      histograms.set(name, histogram);
      histogram.record(ms, labels);
    },
  };
}

function createSpans(): Pick<Telemetry, 'span' | 'traceparent'> {
  const tracer = trace.getTracer(NAME);
  return {
    span: ({ kind, labels = {}, link, name, parent }, work) => {
      const options = {
        kind: kind === 'consumer' ? SpanKind.CONSUMER : SpanKind.INTERNAL,
        attributes: labels,
        links: linksTo(link),
      };
      return tracer.startActiveSpan(name, options, contextOf(parent), (span) => within(span, work));
    },
    traceparent: () => {
      const carrier: { traceparent?: string } = {};
      propagation.inject(context.active(), carrier);
      return carrier.traceparent;
    },
  };
}

function contextOf(traceparent: SpanStart['parent']): Context {
  return traceparent === undefined ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, { traceparent });
}

function linksTo(traceparent: SpanStart['link']): Link[] {
  const target = trace.getSpanContext(contextOf(traceparent));
  return target === undefined ? [] : [{ context: target }];
}

async function within<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // Messages of other systems may hold values of records.
    span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}
