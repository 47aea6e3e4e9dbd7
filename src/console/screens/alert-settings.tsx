import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { api } from '../api/client';
import { queryClient } from '../api/query-client';
import { mayDo } from '../api/session';
import type { Alerts, Connection } from '../api/types';
import { words } from '../parts/format';
import { ErrorNotice, Loaded } from '../parts/loaded';
import { notify } from '../parts/notices';
import { Facts, Section, Time } from '../parts/small';

interface PartProps {
  readonly connection: Connection;
}

/** Where the connection tells of what goes wrong, and what it has told. */
export function AlertSettings({ connection }: PartProps) {
  const params = { path: { id: connection.id } };
  const isSet = connection.alertsTo !== null;
  const { queryKey } = api.queryOptions('get', '/api/connections/{id}', { params });
  // As it is at that moment: what has just been ended is not asked for once more.
  const enabled = () => isSet && queryClient.getQueryData<Connection>(queryKey)?.alertsTo !== null;
  const alerts = api.useQuery('get', '/api/connections/{id}/alerts', { params }, { enabled });
  const remove = api.useMutation('delete', '/api/connections/{id}/alerts', {
    onSuccess: async () => {
      notify('No alerts are sent any more.');
      await queryClient.invalidateQueries({ queryKey });
    },
  });
  const isAdmin = mayDo('sync.admin');
  return (
    <Section
      title="Alerts"
      actions={
        isAdmin &&
        isSet && (
          <Button loading={remove.isPending} onClick={() => remove.mutate({ params })}>
            End alerts
          </Button>
        )
      }
    >
      {!isSet ? (
        <Typography color="textSecondary">
          No alerts are sent. Failed runs, held changes, a sign-in that fails, a credential that expires and
          overdue syncs can be posted to an address, or to a channel in Teams.
        </Typography>
      ) : (
        <Loaded query={alerts} rows={3}>
          {(present) => <Present alerts={present} />}
        </Loaded>
      )}
      {isAdmin && <AlertForm connection={connection} />}
    </Section>
  );
}

function Present({ alerts }: { readonly alerts: Alerts }) {
  const { disabledAt, failingSince, open } = alerts;
  return (
    <>
      {disabledAt !== null && (
        <Alert severity="error" sx={{ mb: 1 }}>
          Switched off at <Time at={disabledAt} />: nothing was taken for 72 hours. Set them again to switch
          them on.
        </Alert>
      )}
      {disabledAt === null && failingSince !== null && (
        <Alert severity="warning" sx={{ mb: 1 }}>
          The receiver takes nothing since <Time at={failingSince} />.
        </Alert>
      )}
      <Facts
        items={[
          ['Sent to', alerts.origin],
          ['Format', FORMATS[alerts.format]],
          ['Signed', alerts.hasSecret ? 'yes' : 'no'],
          ['Waiting to be sent', alerts.pending],
          ['Open', open.length === 0 ? 'nothing' : open.map(({ kind }) => words(kind)).join(', ')],
        ]}
      />
    </>
  );
}

type Format = Alerts['format'];

const FORMATS: Readonly<Record<Format, string>> = {
  json: 'JSON, signed',
  teamsWorkflow: 'Card of a Teams workflow',
};

function AlertForm({ connection }: PartProps) {
  const [url, setUrl] = useState('');
  const [format, setFormat] = useState<Format>('json');
  const [secret, setSecret] = useState('');
  const save = api.useMutation('put', '/api/connections/{id}/alerts', {
    meta: { showsErrors: true },
    onSuccess: () => {
      setUrl('');
      setSecret('');
      notify('The alerts were set.');
    },
  });
  const isSigned = format === 'json';
  return (
    <Stack spacing={2} sx={{ mt: 2, maxWidth: 560 }}>
      <TextField
        label="Address for alerts"
        helperText="A public https address; it is kept in Key Vault and not shown again."
        value={url}
        onChange={(event) => setUrl(event.target.value.trim())}
      />
      <TextField
        select
        label="Format of alerts"
        value={format}
        onChange={(event) => setFormat(event.target.value as Format)}
      >
        {Object.entries(FORMATS).map(([value, label]) => (
          <MenuItem key={value} value={value}>
            {label}
          </MenuItem>
        ))}
      </TextField>
      {isSigned && (
        <TextField
          label="Secret that signs alerts"
          type="password"
          autoComplete="off"
          helperText="16 characters or more; the receiver checks the signature with it."
          value={secret}
          onChange={(event) => setSecret(event.target.value)}
        />
      )}
      <ErrorNotice error={save.error} />
      <Button
        variant="outlined"
        sx={{ alignSelf: 'flex-start' }}
        disabled={url === '' || (isSigned && secret === '')}
        loading={save.isPending}
        onClick={() =>
          save.mutate({
            params: { path: { id: connection.id } },
            body: { url, format, ...(isSigned ? { secret } : {}) },
          })
        }
      >
        Set alerts
      </Button>
    </Stack>
  );
}
