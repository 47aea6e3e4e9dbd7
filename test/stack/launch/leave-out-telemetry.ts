import { createRequire, type Module } from 'node:module';

/**
 * Azurite loads a telemetry library that takes three quarters of its start, and uses it only when its command
 * line switches telemetry on. Where Azurite runs from its package, an empty module takes the library's place.
 */
export function leaveOutTelemetry(): void {
  const here = createRequire(import.meta.url);
  const ofAzurite = createRequire(here.resolve('azurite/dist/src/table/TableServer.js'));
  const filename = ofAzurite.resolve('applicationinsights');
  const empty: Partial<Module> = {
    id: filename,
    filename,
    loaded: true,
    exports: {},
    children: [],
    paths: [],
  };
  here.cache[filename] = empty as NodeJS.Module;
}
