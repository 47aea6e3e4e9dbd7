/** NCRONTAB with six fields in UTC, as the connection's `fullSyncSchedule` has it. */
export interface Cron {
  /** Milliseconds of the first occurrence after `from` (milliseconds); null when there is none. */
  next(expression: string, from: number): number | null;
}
