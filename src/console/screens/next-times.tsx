import Typography from '@mui/material/Typography';
import { Cron } from 'croner';
import { formatTime } from '../parts/format';

/** When a schedule fires next, in the viewer's zone; the schedule itself is in UTC. */
export function NextTimes({ schedule }: { readonly schedule: string }) {
  if (schedule.trim() === '') return null;
  const times = nextTimes(schedule.trim());
  return (
    <Typography variant="body2" color={times === undefined ? 'error' : 'textSecondary'}>
      {times === undefined
        ? 'This is no schedule of six fields.'
        : `Next in your time zone: ${times.map(formatTime).join(' · ')}`}
    </Typography>
  );
}

function nextTimes(schedule: string): readonly Date[] | undefined {
  try {
    return schedule.split(/\s+/).length === 6
      ? new Cron(schedule, { timezone: 'UTC', paused: true }).nextRuns(5)
      : undefined;
  } catch {
    // Half a schedule while it is typed.
    return undefined;
  }
}
