import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDay, isoTime, isTimeZone, zonedDate, zonedTime } from '../../src/domain/time-zone.js';

describe('[V2] between a date and a time a zone is named', () => {
  it.each([
    ['2026-01-15', 'UTC', '2026-01-15T00:00:00Z'],
    ['2026-01-15', 'Europe/Berlin', '2026-01-14T23:00:00Z'],
    ['2026-07-15', 'Europe/Berlin', '2026-07-14T22:00:00Z'],
    ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00Z'],
    ['2026-10-25', 'Europe/Berlin', '2026-10-24T22:00:00Z'],
    ['2026-07-15', 'America/New_York', '2026-07-15T04:00:00Z'],
    ['2026-07-15', 'Asia/Kolkata', '2026-07-14T18:30:00Z'],
    ['2026-07-15', 'Pacific/Kiritimati', '2026-07-14T10:00:00Z'],
  ])('%s in %s begins at %s', (date, zone, time) => {
    expect(zonedTime(date, zone)).toBe(time);
    expect(zonedDate(Date.parse(time), zone)).toBe(date);
  });

  it.each([
    ['forward at midnight, west', '2026-03-08', 'America/Havana', '2026-03-08T05:00:00Z'],
    ['forward at midnight, south', '2026-09-06', 'America/Santiago', '2026-09-06T04:00:00Z'],
    ['forward at midnight, east', '2026-04-24', 'Africa/Cairo', '2026-04-23T22:00:00Z'],
    ['back over midnight, west', '2026-11-01', 'America/Havana', '2026-11-01T04:00:00Z'],
    ['back over midnight, east', '2026-10-30', 'Africa/Cairo', '2026-10-29T22:00:00Z'],
  ])('clocks that go %s: the day begins with its first instant', (_name, date, zone, time) => {
    expect(zonedTime(date, zone)).toBe(time);
    expect(zonedDate(Date.parse(time), zone)).toBe(date);
    expect(zonedDate(Date.parse(time) - 1000, zone) < date).toBe(true);
  });

  it('[V2] a day comes back as the same day in every zone', () => {
    const zones = Intl.supportedValuesOf('timeZone');
    const day = fc
      .date({ min: new Date('1975-01-01'), max: new Date('2035-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    fc.assert(
      fc.property(fc.constantFrom(...zones), day, (zone, date) => {
        const start = Date.parse(zonedTime(date, zone));
        const shown = zonedDate(start, zone);
        // A few islands left out a whole day when they moved over the date line.
        const skipped = shown > date && zonedDate(start - 1000, zone) < date;
        expect(skipped ? date : shown).toBe(date);
      }),
      { numRuns: 150 },
    );
  });
});

describe('dates are ISO 8601, UTC', () => {
  it.each(['2026-03-01', '2024-02-29', '0001-01-01'])('%s is a day', (text) => {
    expect(isDay(text)).toBe(true);
  });

  it.each(['2026-02-30', '2025-02-29', '2026-13-01', '2026-3-1', '26-03-01', '2026-03-01T00:00:00Z', ''])(
    '%o is no day',
    (text) => {
      expect(isDay(text)).toBe(false);
    },
  );

  it.each([
    ['2026-03-01T08:00:00Z', '2026-03-01T08:00:00.000Z'],
    ['2026-03-01T08:00:00', '2026-03-01T08:00:00.000Z'],
    ['2026-03-01T08:00', '2026-03-01T08:00:00.000Z'],
    ['2026-03-01T08:00:00.1234567Z', '2026-03-01T08:00:00.123Z'],
    ['2026-03-01T08:00:00+02:00', '2026-03-01T06:00:00.000Z'],
  ])('%s is a time', (text, time) => {
    expect(new Date(isoTime(text) ?? 0).toISOString()).toBe(time);
  });

  it.each(['5', 'room 5', '03/01/2026', '2026-03-01', '2026-02-30T08:00:00Z', '2026-03-01T25:00:00Z', ''])(
    '%o is no time',
    (text) => {
      expect(isoTime(text)).toBeUndefined();
    },
  );

  it('knows the names of zones', () => {
    expect(isTimeZone('Europe/Berlin')).toBe(true);
    expect(isTimeZone('Europe/Atlantis')).toBe(false);
  });
});
