import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { api } from '../api/client';
import { mayDo } from '../api/session';
import type { Connection, ConnectionBody } from '../api/types';
import { ErrorNotice } from '../parts/loaded';
import { notify } from '../parts/notices';
import { Facts, Section, Time } from '../parts/small';

interface PartProps {
  readonly connection: Connection;
}

type Kind = Connection['credential']['kind'];

const KINDS: Readonly<Record<Kind, { readonly label: string; readonly help: string }>> = {
  clientSecret: { label: 'Client secret', help: 'Of the connection, or of the deployment if it has none.' },
  certificate: {
    label: 'Certificate',
    help: 'In Key Vault, with its key in PEM; its public part is known to the app registration.',
  },
  managedIdentity: {
    label: 'Managed identity',
    help: 'The identity of the function app, named by a federated credential of the app registration: no secret at all.',
  },
};

/** What the connection proves itself with; secrets are only ever replaced, never shown. */
export function Credentials({ connection }: PartProps) {
  const { credential, credentialExpiresAt } = connection;
  return (
    <Section title="Credentials">
      <Facts
        items={[
          ['Environment', connection.environment],
          ['Tenant', connection.tenantId ?? 'of the deployment'],
          ['Client', connection.clientId ?? 'of the deployment'],
          ['Signs in with', signInText(credential)],
          ['Client secret', connection.hasClientSecret ? 'set' : 'of the deployment'],
          ['Expires', credentialExpiresAt === null ? 'not known' : <Time key="e" at={credentialExpiresAt} />],
          ['Webhook secret', connection.hasWebhookSecret ? 'set' : 'not set'],
        ]}
      />
      {mayDo('sync.admin') && <CredentialForm key={JSON.stringify(credential)} connection={connection} />}
    </Section>
  );
}

function signInText(credential: Connection['credential']): string {
  const { label } = KINDS[credential.kind];
  return credential.kind === 'certificate' ? `${label} ${credential.name}` : label;
}

/** Choosing what to sign in with; the client secret is set here as well. */
function CredentialForm({ connection }: PartProps) {
  const present = connection.credential;
  const [kind, setKind] = useState<Kind>(present.kind);
  const [name, setName] = useState(present.kind === 'certificate' ? present.name : '');
  const [secret, setSecret] = useState('');
  const [expires, setExpires] = useState('');
  const save = api.useMutation('patch', '/api/connections/{id}', {
    meta: { showsErrors: true },
    onSuccess: () => {
      setSecret('');
      notify(kind === 'clientSecret' ? 'The client secret was saved.' : 'The credential was saved.');
    },
  });
  const body = bodyOf({ kind, name, secret, expires }, present.kind);
  return (
    <Stack spacing={2} sx={{ mt: 2, maxWidth: 560 }}>
      <TextField
        select
        label="Sign in with"
        value={kind}
        helperText={KINDS[kind].help}
        onChange={(event) => setKind(event.target.value as Kind)}
      >
        {Object.entries(KINDS).map(([value, { label }]) => (
          <MenuItem key={value} value={value}>
            {label}
          </MenuItem>
        ))}
      </TextField>
      {kind === 'clientSecret' && (
        <>
          <TextField
            label="New client secret"
            type="password"
            autoComplete="off"
            value={secret}
            onChange={(event) => setSecret(event.target.value)}
          />
          <TextField
            label="It expires on"
            type="date"
            helperText="As Entra ID shows it; alerts and diagnostics tell 14 days before."
            value={expires}
            slotProps={{ inputLabel: { shrink: true } }}
            onChange={(event) => setExpires(event.target.value)}
          />
        </>
      )}
      {kind === 'certificate' && (
        <TextField
          label="Name of the certificate in Key Vault"
          value={name}
          onChange={(event) => setName(event.target.value.trim())}
        />
      )}
      {kind !== present.kind && (
        <Typography variant="body2">Test the connection after saving: the next sign-in uses it.</Typography>
      )}
      <ErrorNotice error={save.error} />
      <Button
        variant="outlined"
        sx={{ alignSelf: 'flex-start' }}
        disabled={body === null}
        loading={save.isPending}
        onClick={() => body !== null && save.mutate({ params: { path: { id: connection.id } }, body })}
      >
        Save
      </Button>
    </Stack>
  );
}

interface Given {
  readonly kind: Kind;
  readonly name: string;
  readonly secret: string;
  readonly expires: string;
}

/** Null: there is nothing to save. */
function bodyOf({ expires, kind, name, secret }: Given, present: Kind): ConnectionBody | null {
  if (kind === 'certificate') return name === '' ? null : { credential: { kind, name } };
  if (kind === 'managedIdentity') return present === kind ? null : { credential: { kind } };
  const changes: ConnectionBody = {
    ...(present === kind ? {} : { credential: { kind } }),
    ...(secret === '' ? {} : { clientSecret: secret }),
    ...(expires === '' ? {} : { credentialExpiresAt: new Date(expires).toISOString() }),
  };
  return Object.keys(changes).length === 0 ? null : changes;
}
