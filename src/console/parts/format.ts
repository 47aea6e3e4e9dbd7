/** How values are written for people: in the viewer's language and time zone. */

const whole = new Intl.NumberFormat();
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

export const formatNumber = (value: number): string => whole.format(value);

export const formatTime = (iso: string | number | Date): string => dateTime.format(new Date(iso));

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** "5 minutes ago", "in 2 hours". */
export function formatDistance(iso: string | number | Date, now = Date.now()): string {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return seconds > 0 ? 'in less than a minute' : 'less than a minute ago';
}

export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A value of a record; what is empty says so. */
export function formatValue(value: unknown): string {
  if (value === null || value === undefined || value === '') return '(empty)';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return JSON.stringify(value);
}

/** "partiallySucceeded" as words: "Partially succeeded". */
export function words(name: string): string {
  const spaced = name
    .replaceAll('_', ' ')
    .replaceAll(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

const SIDES: Record<string, string> = { authScape: 'AuthScape', dynamics: 'Dynamics' };
export const sideName = (side: string | null | undefined): string => (side ? (SIDES[side] ?? side) : '');

const RULES: Record<string, string> = {
  authScapeChanged: 'changed in AuthScape',
  dynamicsChanged: 'changed in Dynamics',
  setBack: 'set back: the other side leads',
  conflict: 'changed on both sides',
  firstMerge: 'first merge of the pair',
  cut: 'cut to the length of the column',
  created: 'record created',
  stateFollows: 'state follows the other side',
  filterConstant: 'needed by the filter',
  deletePolicy: 'delete policy',
  undone: 'write taken back',
  restored: 'record restored',
};
/** Why a value was written, in words. */
export const ruleText = (rule: string): string => RULES[rule] ?? words(rule).toLowerCase();
