import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Divider from '@mui/material/Divider';
import Paper from '@mui/material/Paper';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { checkKey } from '../api/client';
import { startSignIn } from '../api/oidc';
import { type ConsoleConfig, signIn, useSession } from '../api/session';
import { ErrorNotice } from '../parts/loaded';

/** Takes a function key, or leads to an identity provider. */
export function SignIn({ config }: { readonly config: ConsoleConfig }) {
  const { ended } = useSession();
  const [key, setKey] = useState('');
  const entered = useMutation({
    mutationFn: checkKey,
    onSuccess: (_, tried) => signIn({ kind: 'key', key: tried }),
    meta: { showsErrors: true },
  });
  const leave = useMutation({ mutationFn: startSignIn });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    entered.mutate(key.trim());
  };
  return (
    <Paper sx={{ maxWidth: 420, mx: 'auto', mt: { xs: 2, sm: 8 }, p: 3 }}>
      <Stack component="form" spacing={2} onSubmit={submit}>
        <Typography variant="h5" component="h1">
          Sign in
        </Typography>
        {ended === 'refused' && (
          <Alert severity="warning">
            You were signed out: the key or token is no longer accepted. After signing in you are back where
            you were.
          </Alert>
        )}
        {config.issuers.map((issuer) => (
          <Button key={issuer.authority} variant="contained" onClick={() => leave.mutate(issuer)}>
            Sign in with {issuer.name}
          </Button>
        ))}
        {config.issuers.length > 0 && <Divider>or</Divider>}
        <TextField
          label="Function key"
          type="password"
          autoComplete="current-password"
          value={key}
          onChange={(event) => setKey(event.target.value)}
          helperText="A key of the function app. It is kept in this tab only."
        />
        <ErrorNotice error={entered.error} />
        <Button
          type="submit"
          variant={config.issuers.length > 0 ? 'outlined' : 'contained'}
          disabled={key.trim() === '' || entered.isPending}
        >
          Sign in
        </Button>
        <Typography variant="caption" color="textSecondary">
          Version {config.version}
        </Typography>
      </Stack>
    </Paper>
  );
}
