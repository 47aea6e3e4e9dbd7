const PUBLIC = 'https://login.microsoftonline.com';
const US_GOVERNMENT = 'https://login.microsoftonline.us';
const CHINA = 'https://login.partner.microsoftonline.cn';

const KNOWN = new Set([PUBLIC, US_GOVERNMENT, CHINA, 'https://login.chinacloudapi.cn']);

/** The identity authority of the cloud that a Dynamics host belongs to (*Datacenter regions*). */
export function authorityFor(host: string): string {
  const name = host.toLowerCase();
  if (name.endsWith('.microsoftdynamics.us') || name.endsWith('.appsplatform.us')) return US_GOVERNMENT;
  if (name.endsWith('.dynamics.cn')) return CHINA;
  return PUBLIC;
}

/** Elsewhere the library must not ask the public cloud about the authority. */
export function isPublicAuthority(authorityHost: string): boolean {
  return KNOWN.has(authorityHost.toLowerCase().replace(/\/+$/, ''));
}
