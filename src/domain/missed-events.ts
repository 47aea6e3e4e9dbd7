import type { ConnectionState } from './model.js';

/**
 * A registered webhook that sends nothing: Dynamics disables steps whose receiver refused too often, and an endpoint can
 * be removed by hand. Runs repair what was missed; here it is decided when to say so.
 */

/** The time of the newest event is stored at most this often. */
export const EVENT_NOTE_MS = 60_000;
/** An event may be under way for so long; covers `EVENT_NOTE_MS` and clocks that differ a little too. */
const PATIENCE_MS = 120_000;

/**
 * Milliseconds at which a row was changed whose change a run had to bring, when an event should have come by the time of
 * the reading; null when it may still be under way.
 */
export function missedAt(row: {
  readonly modifiedOn: string | null;
  readonly readAt: number;
}): number | null {
  const at = row.modifiedOn === null ? Number.NaN : Date.parse(row.modifiedOn);
  return row.readAt - at >= PATIENCE_MS ? at : null;
}

/** ISO time since when no event has come though the change at `missed` should have caused one; null: all is well. */
export function noEventSince(
  missed: number,
  registeredAt: string,
  state: Pick<ConnectionState, 'lastEventAt'>,
): string | null {
  const since =
    state.lastEventAt !== null && state.lastEventAt > registeredAt ? state.lastEventAt : registeredAt;
  return missed - Date.parse(since) >= PATIENCE_MS ? since : null;
}

/** The message about missed events, for the run that noticed them and for the connection. */
export function missedEventsMessage(since: string): string {
  return `The registered webhook is silent: Dynamics has changed rows, and no event has come since ${since}. Runs bring such changes. GET /api/connections/{id}/webhook shows what is wrong; POST repairs it.`;
}

/** What a person should know of a connection. The first event after missed ones ends the first message. */
export function connectionMessages(
  state: Pick<ConnectionState, 'lastEventAt' | 'webhookSilence' | 'alertsDisabledAt'>,
): readonly string[] {
  const { alertsDisabledAt } = state;
  const since = missedEventsSince(state);
  return [
    ...(since === null ? [] : [missedEventsMessage(since)]),
    ...(alertsDisabledAt ? [alertsMessage(alertsDisabledAt)] : []),
  ];
}

/** ISO time since when events are missed; null: none are, or an event has come since. */
export function missedEventsSince({
  lastEventAt,
  webhookSilence,
}: Pick<ConnectionState, 'lastEventAt' | 'webhookSilence'>): string | null {
  if (webhookSilence === null) return null;
  const isOver = lastEventAt !== null && lastEventAt > webhookSilence.noticedAt;
  return isOver ? null : webhookSilence.since;
}

function alertsMessage(at: string): string {
  return `Alerts were switched off at ${at}, since their address had taken none for 72 hours. Set them again: PUT /api/connections/{id}/alerts.`;
}
