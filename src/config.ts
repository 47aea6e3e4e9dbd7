import { z } from 'zod';
import { httpUrl, plainAddresses, readHostMap } from './config/addresses.js';

/** All settings of a deployment, read once when the process starts. */
export interface Config {
  readonly storage: StorageConfig;
  /** The platform offers a managed identity (`IDENTITY_ENDPOINT`); else the developer's own sign-in is used. */
  readonly managedIdentity: boolean;
  /** Client id of a user-assigned identity. */
  readonly identityClientId: string | undefined;
  readonly keyVaultUrl: string;
  readonly authorityHost: string | undefined;
  /** What connections without a value of their own use. */
  readonly dynamics: {
    readonly environment: string | undefined;
    readonly tenantId: string | undefined;
    readonly clientId: string | undefined;
    readonly clientSecret: string | undefined;
  };
  readonly authScape: {
    readonly apiUrl: string;
    readonly idpUrl: string;
    readonly scope: string;
    readonly clientId: string;
    readonly clientSecret: string | undefined;
    /** Name of the vault's secret with the rolling refresh token; set: that is how the app signs in. */
    readonly refreshTokenSecret: string | undefined;
  };
  /** Domain of an environment to base URL, for local runs. */
  readonly hostMap: Readonly<Record<string, string>>;
  readonly tuning: {
    readonly runLeaseMs: number;
    /** How long a step of a run works before it hands on. */
    readonly stepMs: number;
    readonly dataTimeoutMs: number;
    readonly authScapeWriteTimeoutMs: number;
    readonly retryBaseMs: number;
    /** Requests to an outside system side by side. */
    readonly requestConcurrency: number;
    /** Records that a step works on side by side. */
    readonly recordConcurrency: number;
    /** The most workers on one run. */
    readonly runWorkers: number;
    /** Records of a part that one of them takes. */
    readonly runPartRecords: number;
  };
  readonly signIn: {
    /** `app`: the app itself checks key or token; else the platform checks the key. */
    readonly mode: 'functionKeys' | 'app';
    /** SHA-256 digests of keys, in hex, by name. */
    readonly apiKeys: Readonly<Record<string, string>>;
    readonly issuers: readonly {
      readonly issuer: string;
      readonly audience: string;
      readonly roleClaim: string;
      readonly roles: Readonly<Record<string, string>>;
    }[];
  };
  readonly retention: {
    /** Days for which entries of the log are kept. */
    readonly logDays: number;
    /** Days for which runs that have ended are kept, with their changes. */
    readonly runDays: number;
  };
  readonly console: {
    readonly authMode: 'functionKeys' | 'app';
    /** Where people may sign in: those issuers for which the console has a client id. */
    readonly issuers: readonly {
      readonly name: string;
      readonly authority: string;
      readonly clientId: string;
      readonly scope: string;
    }[];
    /** What may show the console in a frame, as in `'self' https://portal.example`. */
    readonly frameAncestors: string;
  };
  readonly telemetry: {
    /** Of Application Insights. */
    readonly connectionString: string | undefined;
    /** Where OTLP over HTTP is taken. */
    readonly otlpEndpoint: string | undefined;
    readonly metricIntervalMs: number;
  };
  readonly logLevel: 'info' | 'warn' | 'error';
}

/** Either with a key (local) or with an identity. */
export type StorageConfig =
  | { readonly connectionString: string }
  | { readonly tablesUrl: string; readonly queuesUrl: string; readonly clientId: string | undefined };

const text = z.string().trim().min(1, 'is empty').optional();
const positive = (fallback: number) =>
  z.coerce.number('is not a number').positive('must be above 0').default(fallback);

/** `clientId`, `scope` and `name` are for the console: how people sign in there. */
const issuersShape = z.array(
  z.strictObject({
    issuer: z.url({ protocol: /^https?$/ }),
    audience: z.string().min(1),
    roleClaim: z.string().min(1).default('roles'),
    roles: z.record(z.string(), z.enum(['sync.read', 'sync.operate', 'sync.admin'])).default({}),
    name: z.string().min(1).optional(),
    clientId: z.string().min(1).optional(),
    scope: z.string().min(1).default('openid profile'),
  }),
);
const apiKeysShape = z.record(z.string().min(1), z.string().regex(/^[0-9a-f]{64}$/i));

/** A setting that holds JSON of that shape. */
function json<T>(shape: z.ZodType<T>, form: string) {
  return z
    .string()
    .transform((text, context) => {
      try {
        return shape.parse(JSON.parse(text));
      } catch {
        context.addIssue({ code: 'custom', message: `must be ${form}` });
        return z.NEVER;
      }
    })
    .optional();
}

const SETTINGS = z.object({
  AzureWebJobsStorage: text,
  AzureWebJobsStorage__accountName: text,
  AzureWebJobsStorage__tableServiceUri: httpUrl.optional(),
  AzureWebJobsStorage__queueServiceUri: httpUrl.optional(),
  AzureWebJobsStorage__clientId: text,
  IDENTITY_ENDPOINT: text,
  AZURE_CLIENT_ID: text,
  AZURE_AUTHORITY_HOST: httpUrl.optional(),
  KEY_VAULT_URI: httpUrl,
  CRM__Dynamics365__Environment: text,
  CRM__Dynamics365__TenantId: text,
  CRM__Dynamics365__ClientId: text,
  CRM__Dynamics365__ClientSecret: text,
  AuthScape__ApiUrl: httpUrl,
  AuthScape__IdpUrl: httpUrl,
  AuthScape__Scope: z.string().trim().min(1, 'is empty').default('api1'),
  AuthScape__ClientId: z.string('is missing').trim().min(1, 'is empty'),
  AuthScape__ClientSecret: text,
  AuthScape__RefreshTokenSecret: text,
  DATAVERSE_HOST_MAP: z.string().optional(),
  WEBSITE_SITE_NAME: text,
  WEBSITE_INSTANCE_ID: text,
  RUN_LEASE_SECONDS: positive(30),
  STEP_SECONDS: positive(60),
  DATA_TIMEOUT_SECONDS: positive(120),
  AUTHSCAPE_WRITE_TIMEOUT_SECONDS: positive(45),
  RETRY_BASE_MS: positive(500),
  RECORD_CONCURRENCY: z.coerce
    .number('is not a number')
    .int('must be a whole number')
    .min(1)
    .max(64)
    .default(8),
  RECORD_LANES: z.coerce.number('is not a number').int('must be a whole number').min(1).max(256).default(96),
  RUN_WORKERS: z.coerce.number('is not a number').int('must be a whole number').min(1).max(16).default(4),
  RUN_PART_RECORDS: z.coerce.number('is not a number').int('must be a whole number').min(1).default(500),
  AUTH_MODE: z.enum(['functionKeys', 'app'], 'is none of functionKeys, app').default('functionKeys'),
  AUTH_ISSUERS: json(issuersShape, 'a JSON list of { issuer, audience, … }'),
  API_KEYS: json(apiKeysShape, 'a JSON object of names and SHA-256 digests in hex'),
  LOG_RETENTION_DAYS: positive(90),
  RUN_RETENTION_DAYS: positive(30),
  CONSOLE_FRAME_ANCESTORS: z
    .string()
    .regex(/^[\w'.:/*\s-]+$/, 'is no list of origins')
    .default("'none'"),
  APPLICATIONINSIGHTS_CONNECTION_STRING: text,
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  OTEL_METRIC_EXPORT_INTERVAL: positive(60_000),
  LOG_LEVEL: z.enum(['info', 'warn', 'error'], 'is none of info, warn, error').default('info'),
});

type Settings = z.infer<typeof SETTINGS>;
type StorageSetting = Extract<keyof Settings, `AzureWebJobsStorage${string}`> | 'AZURE_CLIENT_ID';

/**
 * Reads the settings. Throws one error that names every setting that is missing or wrong; values are never shown, since
 * some are secret. An empty value counts as missing, as the portal cannot tell the two apart.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  // Read once: code that is made for a fast repeat would take longer than the reading.
  const parsed = SETTINGS.safeParse(given, { jitless: true });
  const faults = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${faultOf(issue, given)}`);
  const storage = readStorage(parsed.success ? parsed.data : given);
  if (!storage) {
    faults.push(
      'AzureWebJobsStorage is missing (or AzureWebJobsStorage__accountName, or __tableServiceUri with __queueServiceUri)',
    );
  }
  faults.push(...plainAddresses(given));
  const hostMap = readHostMap(given, faults);
  if (!given.AuthScape__ClientSecret && !given.AuthScape__RefreshTokenSecret) {
    faults.push('AuthScape__ClientSecret is missing (or AuthScape__RefreshTokenSecret)');
  }
  if (!parsed.success || !storage || faults.length > 0) {
    throw new Error(`The settings of the app are not complete: ${faults.join('; ')}.`);
  }
  return { ...assemble(parsed.data), storage, hostMap };
}

function faultOf(issue: z.core.$ZodIssue, given: Readonly<Record<string, unknown>>): string {
  return Object.hasOwn(given, String(issue.path[0])) ? issue.message : 'is missing';
}

function assemble(settings: Settings): Omit<Config, 'storage' | 'hostMap'> {
  return {
    managedIdentity: settings.IDENTITY_ENDPOINT !== undefined,
    identityClientId: settings.AZURE_CLIENT_ID,
    keyVaultUrl: settings.KEY_VAULT_URI,
    authorityHost: settings.AZURE_AUTHORITY_HOST,
    dynamics: {
      environment: settings.CRM__Dynamics365__Environment,
      tenantId: settings.CRM__Dynamics365__TenantId,
      clientId: settings.CRM__Dynamics365__ClientId,
      clientSecret: settings.CRM__Dynamics365__ClientSecret,
    },
    authScape: {
      apiUrl: settings.AuthScape__ApiUrl,
      idpUrl: settings.AuthScape__IdpUrl,
      scope: settings.AuthScape__Scope,
      clientId: settings.AuthScape__ClientId,
      clientSecret: settings.AuthScape__ClientSecret,
      refreshTokenSecret: settings.AuthScape__RefreshTokenSecret,
    },
    tuning: {
      runLeaseMs: settings.RUN_LEASE_SECONDS * 1000,
      stepMs: settings.STEP_SECONDS * 1000,
      dataTimeoutMs: settings.DATA_TIMEOUT_SECONDS * 1000,
      authScapeWriteTimeoutMs: settings.AUTHSCAPE_WRITE_TIMEOUT_SECONDS * 1000,
      retryBaseMs: settings.RETRY_BASE_MS,
      requestConcurrency: settings.RECORD_CONCURRENCY,
      recordConcurrency: settings.RECORD_LANES,
      runWorkers: settings.RUN_WORKERS,
      runPartRecords: settings.RUN_PART_RECORDS,
    },
    signIn: {
      mode: settings.AUTH_MODE,
      apiKeys: settings.API_KEYS ?? {},
      issuers: settings.AUTH_ISSUERS ?? [],
    },
    retention: { logDays: settings.LOG_RETENTION_DAYS, runDays: settings.RUN_RETENTION_DAYS },
    console: {
      authMode: settings.AUTH_MODE,
      issuers: (settings.AUTH_ISSUERS ?? []).flatMap(({ clientId, issuer: authority, name, scope }) =>
        clientId === undefined ? [] : [{ name: name ?? new URL(authority).host, authority, clientId, scope }],
      ),
      frameAncestors: settings.CONSOLE_FRAME_ANCESTORS,
    },
    telemetry: {
      connectionString: settings.APPLICATIONINSIGHTS_CONNECTION_STRING,
      otlpEndpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT,
      metricIntervalMs: settings.OTEL_METRIC_EXPORT_INTERVAL,
    },
    logLevel: settings.LOG_LEVEL,
  };
}

function readStorage(given: Partial<Pick<Settings, StorageSetting>>): StorageConfig | undefined {
  const connectionString = given.AzureWebJobsStorage;
  if (connectionString) return { connectionString };
  const clientId = given.AzureWebJobsStorage__clientId ?? given.AZURE_CLIENT_ID;
  const { AzureWebJobsStorage__tableServiceUri: tablesUrl, AzureWebJobsStorage__queueServiceUri: queuesUrl } =
    given;
  if (tablesUrl && queuesUrl) return { tablesUrl, queuesUrl, clientId };
  const account = given.AzureWebJobsStorage__accountName;
  if (!account) return undefined;
  return {
    tablesUrl: `https://${account}.table.core.windows.net`,
    queuesUrl: `https://${account}.queue.core.windows.net`,
    clientId,
  };
}
