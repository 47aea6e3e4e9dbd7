import CheckIcon from '@mui/icons-material/CheckCircleOutlined';
import CopyIcon from '@mui/icons-material/ContentCopy';
import OffIcon from '@mui/icons-material/DoNotDisturbOnOutlined';
import ErrorIcon from '@mui/icons-material/ErrorOutlined';
import PendingIcon from '@mui/icons-material/HourglassEmptyOutlined';
import PauseIcon from '@mui/icons-material/PauseCircleOutlined';
import WarnIcon from '@mui/icons-material/WarningAmberOutlined';
import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import IconButton from '@mui/material/IconButton';
import Paper from '@mui/material/Paper';
import Stack from '@mui/material/Stack';
import Tooltip from '@mui/material/Tooltip';
import Typography from '@mui/material/Typography';
import type { ReactElement, ReactNode } from 'react';
import { useState } from 'react';
import { formatDistance, formatTime, words } from './format';

/** A time in the viewer's zone; the UTC time shows on hover. */
export function Time({
  at,
  distance,
}: {
  readonly at: string | null | undefined;
  readonly distance?: boolean;
}) {
  if (!at) return <span>never</span>;
  return (
    <Tooltip title={`${new Date(at).toISOString().replace('T', ' ').slice(0, 19)} UTC`}>
      <time dateTime={at}>{distance ? formatDistance(at) : formatTime(at)}</time>
    </Tooltip>
  );
}

/** An id that can be copied. */
export function CopyId({ id, label = 'id' }: { readonly id: string; readonly label?: string }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <Box component="span" sx={{ display: 'inline-flex', alignItems: 'center', maxWidth: '100%' }}>
      <Box
        component="code"
        sx={{ fontSize: '0.8125rem', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}
      >
        {id}
      </Box>
      <Tooltip title={isCopied ? 'Copied' : `Copy ${label}`}>
        <IconButton
          size="small"
          sx={{ p: 0.375, ml: 0.25 }}
          aria-label={`Copy ${label} ${id}`}
          onClick={() => void navigator.clipboard.writeText(id).then(() => setCopied(true))}
        >
          <CopyIcon sx={{ fontSize: 14 }} />
        </IconButton>
      </Tooltip>
    </Box>
  );
}

type Tone = 'success' | 'error' | 'warning' | 'info' | 'default';
const TONES: Record<string, readonly [Tone, ReactElement]> = {
  ok: ['success', <CheckIcon key="i" />],
  succeeded: ['success', <CheckIcon key="i" />],
  created: ['success', <CheckIcon key="i" />],
  updated: ['success', <CheckIcon key="i" />],
  linked: ['success', <CheckIcon key="i" />],
  success: ['success', <CheckIcon key="i" />],
  partiallySucceeded: ['warning', <WarnIcon key="i" />],
  conflict: ['warning', <WarnIcon key="i" />],
  ambiguous: ['warning', <WarnIcon key="i" />],
  problems: ['warning', <WarnIcon key="i" />],
  warning: ['warning', <WarnIcon key="i" />],
  failed: ['error', <ErrorIcon key="i" />],
  error: ['error', <ErrorIcon key="i" />],
  deadLetter: ['error', <ErrorIcon key="i" />],
  awaitingApproval: ['warning', <PauseIcon key="i" />],
  held: ['warning', <PauseIcon key="i" />],
  running: ['info', <PendingIcon key="i" />],
  queued: ['info', <PendingIcon key="i" />],
  off: ['default', <OffIcon key="i" />],
  cancelled: ['default', <OffIcon key="i" />],
};

/** A state as a word with a sign; the colour only supports them. */
export function StatusChip({ status, label }: { readonly status: string; readonly label?: string }) {
  const [color, icon] = TONES[status] ?? ['default', undefined];
  return (
    <Chip
      size="small"
      variant="outlined"
      color={color}
      {...(icon ? { icon } : {})}
      label={label ?? words(status)}
    />
  );
}

/** A titled part of a page. */
export function Section(props: {
  readonly title: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <Paper component="section" sx={{ p: 2, minWidth: 0 }} aria-label={props.title}>
      <Stack direction="row" sx={{ alignItems: 'center', flexWrap: 'wrap', gap: 1, mb: 1 }}>
        <Typography variant="h6" component="h2" sx={{ flexGrow: 1, minWidth: 0, overflowWrap: 'anywhere' }}>
          {props.title}
        </Typography>
        {props.actions}
      </Stack>
      {props.children}
    </Paper>
  );
}

/** Name and value pairs; on a phone below one another. */
export function Facts({ items }: { readonly items: readonly (readonly [string, ReactNode])[] }) {
  return (
    <Box
      component="dl"
      sx={{
        display: 'grid',
        gridTemplateColumns: { xs: 'minmax(0, 1fr)', sm: 'max-content minmax(0, 1fr)' },
        columnGap: 3,
        rowGap: { xs: 0, sm: 0.75 },
        alignContent: 'start',
        m: 0,
      }}
    >
      {items.map(([name, value]) => [
        <Typography key={name} component="dt" variant="body2" color="textSecondary">
          {name}
        </Typography>,
        <Typography
          key={`${name} value`}
          component="dd"
          variant="body2"
          sx={{ m: 0, mb: { xs: 1, sm: 0 }, overflowWrap: 'anywhere' }}
        >
          {value}
        </Typography>,
      ])}
    </Box>
  );
}
