import Alert from '@mui/material/Alert';
import Snackbar from '@mui/material/Snackbar';
import { useSyncExternalStore } from 'react';
import { ErrorNotice } from './loaded';

type Notice = { readonly text: string } | { readonly error: unknown };

const listeners = new Set<() => void>();
let shown: Notice | null = null;
let count = 0;

function show(notice: Notice | null): void {
  shown = notice;
  count += 1;
  for (const listener of listeners) listener();
}

/** Says shortly what was done. */
export const notify = (text: string): void => show({ text });
/** Shows why something was not done. */
export const notifyError = (error: unknown): void => show({ error });

/** Where short messages appear, over all screens. */
export function Notices() {
  const notice = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
  if (notice === null) return null;
  const isError = 'error' in notice;
  return (
    <Snackbar
      // Each is shown for its whole time, also when it takes the place of another.
      key={count}
      open
      autoHideDuration={isError ? 20_000 : 4_000}
      onClose={(_, reason) => reason !== 'clickaway' && show(null)}
      anchorOrigin={{ vertical: 'bottom', horizontal: 'center' }}
    >
      <div>
        {isError ? (
          <ErrorNotice error={notice.error} />
        ) : (
          <Alert severity="success" variant="filled" onClose={() => show(null)}>
            {notice.text}
          </Alert>
        )}
      </div>
    </Snackbar>
  );
}
