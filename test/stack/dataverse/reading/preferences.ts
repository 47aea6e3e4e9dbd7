import { splitOutside } from '../resource-path.js';

/** The values of the Prefer header that Dataverse honours. */
export interface Preferences {
  representation: boolean;
  maxPageSize: number | undefined;
  trackChanges: boolean;
  continueOnError: boolean;
  /** The list as sent; undefined when no annotations were asked for. */
  annotations: string | undefined;
}

export function parsePreferences(header: string | undefined): Preferences {
  const values = new Map<string, string>();
  for (const item of splitOutside((header ?? '').replaceAll('"', "'"), ',')) {
    const at = item.indexOf('=');
    const name = (at < 0 ? item : item.slice(0, at)).trim().toLowerCase();
    const value = at < 0 ? '' : item.slice(at + 1).trim();
    values.set(name, value.replaceAll("'", ''));
  }
  const pageSize = Number(values.get('odata.maxpagesize'));
  return {
    representation: values.get('return') === 'representation',
    maxPageSize: Number.isInteger(pageSize) && pageSize > 0 ? pageSize : undefined,
    trackChanges: values.has('odata.track-changes'),
    continueOnError: values.has('odata.continue-on-error'),
    annotations: values.get('odata.include-annotations'),
  };
}

export type AnnotationFilter = (name: string) => boolean;

/** Which annotations a list such as `OData.Community.*,-Microsoft.*` lets through; an exclusion wins. */
export function annotationFilter(list: string | undefined): AnnotationFilter {
  const patterns = (list ?? '').split(',').map((part) => part.trim());
  const wanted = patterns.filter((part) => part !== '' && !part.startsWith('-'));
  const unwanted = patterns.filter((part) => part.startsWith('-')).map((part) => part.slice(1));
  const known = new Map<string, boolean>();
  return (name) => {
    let answer = known.get(name);
    if (answer === undefined) {
      answer = wanted.some((part) => covers(part, name)) && !unwanted.some((part) => covers(part, name));
      known.set(name, answer);
    }
    return answer;
  };
}

function covers(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

/** The Preference-Applied header, or nothing where no preference counted. */
export function appliedHeader(applied: readonly string[]): Record<string, string> {
  return applied.length === 0 ? {} : { 'Preference-Applied': applied.join(',') };
}

export function annotationsApplied(preferences: Preferences): string[] {
  const { annotations } = preferences;
  return annotations === undefined ? [] : [`odata.include-annotations="${annotations}"`];
}
