import { trimText } from './text-form.js';

/** Dates between a named time zone and UTC, by the zone rules that the platform carries. */

const DAY = 86_400_000;

/** ISO time to the second, UTC. */
export function localTime(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

/** The calendar day in `zone` at that instant. */
export function zonedDate(ms: number, zone: string): string {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    })
      .formatToParts(new Date(ms))
      .map((part) => [part.type, part.value]),
  );
  return `${parts.year}-${parts.month}-${parts.day}`;
}

/** The instant at which that calendar day begins in `zone`. */
export function zonedTime(date: string, zone: string): string {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  const before = midnight - offsetAt(midnight - DAY, zone);
  const after = midnight - offsetAt(midnight + DAY, zone);
  // Where the clocks change at that midnight, the earlier of the two may still lie in the day before.
  const earlier = Math.min(before, after);
  return localTime(zonedDate(earlier, zone) === date ? earlier : Math.max(before, after));
}

/** A calendar day that exists, as `2026-03-01`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** The day that a text names: a day, or a midnight without offset, as databases write days. Undefined for any other. */
export function dayOf(text: string): string | undefined {
  const [, day = '', clock = ''] = /^(\d{4}-\d{2}-\d{2})(?:[T ]([0:.]+))?$/.exec(trimText(text)) ?? [];
  return isDay(day) && /^(?:00:00(?::00(?:\.0+)?)?)?$/.test(clock) ? day : undefined;
}

/**
 * Milliseconds of an ISO 8601 time, with a blank for the T as databases write it, UTC where it names no offset. Undefined
 * for any other text, a leap second, and an offset that no clock has (beyond 14 hours).
 */
export function isoTime(text: string): number | undefined {
  const parts =
    /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?$/i.exec(
      text,
    );
  const [, day, clock, offset = 'Z'] = parts ?? [];
  if (day === undefined || clock === undefined || !isDay(day)) return undefined;
  const time = Date.parse(`${day}T${clock}${offset}`);
  return Number.isNaN(time) ? undefined : time;
}

export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

function offsetAt(ms: number, zone: string): number {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
      .formatToParts(new Date(ms))
      .map((part) => [part.type, Number(part.value)]),
  );
  const shown = Date.UTC(
    parts.year ?? 0,
    (parts.month ?? 1) - 1,
    parts.day ?? 1,
    parts.hour ?? 0,
    parts.minute ?? 0,
    parts.second ?? 0,
  );
  return shown - Math.floor(ms / 1000) * 1000;
}
