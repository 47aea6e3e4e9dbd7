import Alert from '@mui/material/Alert';
import AlertTitle from '@mui/material/AlertTitle';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Skeleton from '@mui/material/Skeleton';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import { ApiError } from '../api/client';

interface QueryState<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly failureReason?: unknown;
  readonly isPending: boolean;
  readonly refetch?: () => unknown;
}

interface LoadedProps<T> {
  readonly query: QueryState<T>;
  readonly children: (data: T) => ReactNode;
  /** Height of the grey lines while loading, in rows. */
  readonly rows?: number;
}

/** The states that everything read over the network has: not there yet, refused, failed, there. */
export function Loaded<T>({ query, children, rows = 4 }: LoadedProps<T>) {
  const isAway = query.failureReason instanceof ApiError && query.failureReason.status === 0;
  return (
    <>
      {isAway && <ErrorNotice error={query.failureReason} />}
      {query.data !== undefined ? (
        children(query.data)
      ) : query.error && !isAway ? (
        <ErrorNotice error={query.error} onRetry={query.refetch} />
      ) : (
        <Box role="status" aria-label="Loading" sx={{ py: 1 }}>
          {Array.from({ length: rows }, (_, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the lines have nothing else that tells them apart
            <Skeleton key={row} height={36} />
          ))}
        </Box>
      )}
    </>
  );
}

interface ErrorNoticeProps {
  readonly error: unknown;
  readonly onRetry?: (() => unknown) | undefined;
}

/** What went wrong, what to do about it, and under which id it was logged. */
export function ErrorNotice({ error, onRetry }: ErrorNoticeProps) {
  if (error === null || error === undefined) return null;
  const { status, problem } = error instanceof ApiError ? error : new ApiError(-1, { detail: String(error) });
  const isForbidden = status === 403;
  return (
    <Alert
      severity={isForbidden || status === 0 ? 'warning' : 'error'}
      sx={{ my: 1 }}
      action={
        onRetry && !isForbidden ? (
          <Button color="inherit" size="small" onClick={() => void onRetry()}>
            Try again
          </Button>
        ) : undefined
      }
    >
      <AlertTitle>{isForbidden ? 'Your role does not allow this' : (problem.title ?? 'Error')}</AlertTitle>
      {problem.detail}
      {problem.hint !== undefined && <Typography variant="body2">{problem.hint}</Typography>}
      {problem.errors !== undefined && problem.errors.length > 0 && (
        <Box component="ul" sx={{ my: 0.5, pl: 2.5 }}>
          {problem.errors.map(({ path, message }) => (
            <li key={path + message}>
              {path === '' ? '' : `${path}: `}
              {message}
            </li>
          ))}
        </Box>
      )}
      <Typography variant="caption" component="p" sx={{ mt: 0.5, overflowWrap: 'anywhere' }}>
        {[problem.code, problem.traceId === undefined ? undefined : `trace id ${problem.traceId}`]
          .filter(Boolean)
          .join(' · ')}
      </Typography>
    </Alert>
  );
}

/** A list without entries: says so, and what comes next. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <Stack sx={{ alignItems: 'center', textAlign: 'center', py: 5, px: 2 }} spacing={1}>
      <Typography variant="h6" component="p">
        {title}
      </Typography>
      <Typography component="div" color="textSecondary">
        {children}
      </Typography>
    </Stack>
  );
}
