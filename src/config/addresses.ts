import { z } from 'zod';

export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'is not an http(s) URL' })
  .transform((url) => url.replace(/\/+$/, ''));
const hostMapShape = z.record(z.string().toLowerCase(), httpUrl);

/** Where the app sends tokens and data; `IDENTITY_ENDPOINT` is one of the machine itself. */
const ADDRESSES = [
  'AzureWebJobsStorage__tableServiceUri',
  'AzureWebJobsStorage__queueServiceUri',
  'AZURE_AUTHORITY_HOST',
  'KEY_VAULT_URI',
  'AuthScape__ApiUrl',
  'AuthScape__IdpUrl',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
] as const;

/** Over plain http tokens and secrets could be read on the way: where the app runs in Azure there is none. */
export function plainAddresses(given: Readonly<Record<string, string | undefined>>): readonly string[] {
  if (given.WEBSITE_SITE_NAME === undefined && given.WEBSITE_INSTANCE_ID === undefined) return [];
  return ADDRESSES.filter((name) => /^http:/i.test(given[name]?.trim() ?? '')).map(
    (name) => `${name} must be an https address in Azure`,
  );
}

/** A map could send credentials anywhere: where the app runs in Azure there is none. */
export function readHostMap(
  given: Readonly<Record<string, string | undefined>>,
  faults: string[],
): Readonly<Record<string, string>> {
  const setting = given.DATAVERSE_HOST_MAP;
  if (setting === undefined) return {};
  if (given.WEBSITE_SITE_NAME !== undefined || given.WEBSITE_INSTANCE_ID !== undefined) {
    faults.push('DATAVERSE_HOST_MAP is for local runs only and must not be set in Azure');
    return {};
  }
  try {
    return hostMapShape.parse(JSON.parse(setting));
  } catch {
    faults.push('DATAVERSE_HOST_MAP must be JSON that maps domains to base URLs');
    return {};
  }
}
