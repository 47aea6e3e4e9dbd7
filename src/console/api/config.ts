import type { ConsoleConfig } from './session';

/** How one signs in at this deployment. */
export async function loadConfig(): Promise<ConsoleConfig> {
  const response = await fetch('/api/console/config.json');
  if (!response.ok) throw new Error(`config.json was answered with ${response.status}.`);
  return (await response.json()) as ConsoleConfig;
}
