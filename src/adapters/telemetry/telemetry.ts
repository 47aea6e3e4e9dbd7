import type { TokenCredential } from '@azure/identity';
import type { Logger } from '../../application/ports/runtime.js';
import type { Telemetry } from '../../application/ports/telemetry.js';

export interface TelemetrySettings {
  /** Of Application Insights. */
  readonly connectionString: string | undefined;
  /** Where an OpenTelemetry collector takes OTLP over HTTP; its path is added. */
  readonly otlpEndpoint: string | undefined;
  /** Milliseconds between two posts of the metrics. */
  readonly metricIntervalMs: number;
}

/** Tells no one anything. */
export const NO_TELEMETRY: Telemetry = {
  count: () => undefined,
  duration: () => undefined,
  span: (_, work) => work(),
  traceparent: () => undefined,
  close: async () => undefined,
};

/**
 * Telemetry as the settings ask for. The libraries are large: they are a bundle of their own that is loaded only where
 * something is to be told, beside the rest of the start; the first work waits for them, so that nothing of it is lost.
 */
export function createTelemetry(
  settings: TelemetrySettings,
  credential: TokenCredential,
  logger: Pick<Logger, 'error'>,
): Telemetry {
  if (settings.connectionString === undefined && settings.otlpEndpoint === undefined) return NO_TELEMETRY;
  let current = NO_TELEMETRY;
  const loaded = load();

  async function load(): Promise<void> {
    try {
      const { startOpenTelemetry } = await import('./open-telemetry.js');
      current = startOpenTelemetry(settings, credential);
    } catch (error) {
      logger.error('Telemetry could not be started', { error });
    }
  }

  return {
    count: (...given) => current.count(...given),
    duration: (...given) => current.duration(...given),
    span: async (start, work) => {
      await loaded;
      return current.span(start, work);
    },
    traceparent: () => current.traceparent(),
    close: async () => {
      await loaded;
      await current.close();
    },
  };
}
