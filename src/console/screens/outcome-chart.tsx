import Typography from '@mui/material/Typography';
import { BarChart } from '@mui/x-charts/BarChart';
import type { Stats } from '../api/types';

/** Colours that differ in lightness too, and read on light and dark. */
const OUTCOMES = [
  { key: 'created', label: 'Created', color: '#2e7d32' },
  { key: 'updated', label: 'Updated', color: '#42a5f5' },
  { key: 'linked', label: 'Linked', color: '#00838f' },
  { key: 'deactivated', label: 'Deactivated', color: '#8d6e63' },
  { key: 'deleted', label: 'Deleted', color: '#6d4c41' },
  { key: 'conflicts', label: 'Conflicts', color: '#ffb300' },
  { key: 'skipped', label: 'Skipped', color: '#90a4ae' },
  { key: 'failed', label: 'Failed', color: '#d32f2f' },
] as const;

const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', timeZone: 'UTC' });

/** Records by outcome, a bar for each day (UTC). */
export function OutcomeChart({ stats }: { readonly stats: Stats }) {
  const days = [...stats.byDay].sort((a, b) => (a.day < b.day ? -1 : 1));
  const present = OUTCOMES.filter(({ key }) => days.some(({ totals }) => (totals[key] ?? 0) > 0));
  if (present.length === 0) return <Typography sx={{ py: 4 }}>Nothing was synced in these days.</Typography>;
  return (
    <BarChart
      height={260}
      skipAnimation
      xAxis={[{ data: days.map((one) => day.format(new Date(one.day))), scaleType: 'band' }]}
      yAxis={[{ width: 56, tickMinStep: 1 }]}
      series={present.map(({ key, label, color }) => ({
        label,
        color,
        stack: 'outcomes',
        data: days.map(({ totals }) => totals[key] ?? 0),
      }))}
      slotProps={{ legend: { direction: 'horizontal' } }}
    />
  );
}
