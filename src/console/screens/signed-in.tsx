import Container from '@mui/material/Container';
import LinearProgress from '@mui/material/LinearProgress';
import { useEffect, useState } from 'react';
import { finishSignIn } from '../api/oidc';
import type { ConsoleConfig } from '../api/session';
import { ErrorNotice } from '../parts/loaded';

let finished: Promise<string> | undefined;

/** Where the identity provider sends people back to; a code is taken once. */
export function SignedIn({ config }: { readonly config: Promise<ConsoleConfig> }) {
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    finished ??= config.then(({ issuers }) => finishSignIn(issuers));
    finished.then((target) => location.replace(target), setError);
  }, [config]);
  return (
    <Container component="main" maxWidth="sm" sx={{ py: 6 }}>
      {error === null ? <LinearProgress aria-label="Signing in" /> : <ErrorNotice error={error} />}
    </Container>
  );
}
