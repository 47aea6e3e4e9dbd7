import { Cron as Croner } from 'croner';
import type { Cron } from '../application/ports/cron.js';

/** NCRONTAB by croner, six fields only, always UTC. */
export const cron: Cron = {
  next(expression, from) {
    const next = new Croner(expression, { mode: '6-part', timezone: 'UTC' }).nextRun(new Date(from));
    return next === null ? null : next.getTime();
  },
};
