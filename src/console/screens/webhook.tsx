import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Stack from '@mui/material/Stack';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { type FormEvent, useState } from 'react';
import { api } from '../api/client';
import { mayDo } from '../api/session';
import type { WebhookView } from '../api/types';
import { Confirm } from '../parts/confirm';
import { formatValue } from '../parts/format';
import { ErrorNotice, Loaded } from '../parts/loaded';
import { notify } from '../parts/notices';
import { CopyId, Facts, Section, StatusChip, Time } from '../parts/small';
import { useConnection } from './connection';
import { latencyText } from './stat-texts';

/** How Dynamics tells of changes: registered here, or by flows in Power Automate. */
export function Webhook() {
  return (
    <Stack spacing={2}>
      <Registration />
      <OwnSecret />
      <PowerAutomate />
    </Stack>
  );
}

function Registration() {
  const { id } = useConnection();
  const query = api.useQuery('get', '/api/connections/{id}/webhook', { params: { path: { id } } });
  return (
    <Section title="Webhook in Dynamics">
      <Loaded query={query}>
        {(webhook) => (
          <Stack spacing={2}>
            <State webhook={webhook} />
            {webhook.drift.map((one) => (
              <Alert key={JSON.stringify(one)} severity="warning">
                {formatValue(one)}
              </Alert>
            ))}
            {webhook.lastFailure !== null && (
              <Alert severity="error">
                {webhook.lastFailure.message} ({webhook.lastFailure.code})
              </Alert>
            )}
            {webhook.steps.length > 0 && <Steps steps={webhook.steps} />}
            {mayDo('sync.admin') && <Actions isRegistered={webhook.registered} />}
          </Stack>
        )}
      </Loaded>
    </Section>
  );
}

function stateOf({ registered, drift }: WebhookView): { status: string; label: string } {
  if (!registered) return { status: 'off', label: 'Not registered' };
  return drift.length > 0 ? { status: 'warning', label: 'Drifted' } : { status: 'ok', label: 'Registered' };
}

function State({ webhook }: { readonly webhook: WebhookView }) {
  const { id } = useConnection();
  const stats = api.useQuery('get', '/api/connections/{id}/stats', {
    params: { path: { id }, query: { days: 1 } },
  });
  return (
    <Facts
      items={[
        ['State', <StatusChip key="s" {...stateOf(webhook)} />],
        ['Address', webhook.url === null ? 'none' : <CopyId key="u" id={webhook.url} label="address" />],
        ['Secret', webhook.hasWebhookSecret ? 'set' : 'not set: nothing is accepted'],
        ['Registered', <Time key="t" at={webhook.registeredAt} />],
        ['Latency today', latencyText(stats.data?.events)],
      ]}
    />
  );
}

function Actions({ isRegistered }: { readonly isRegistered: boolean }) {
  const { id } = useConnection();
  const params = { params: { path: { id } } };
  const [baseUrl, setBaseUrl] = useState(location.origin);
  const [isLeaving, setLeaving] = useState(false);
  const register = api.useMutation('post', '/api/connections/{id}/webhook', {
    meta: { showsErrors: true },
    onSuccess: () => notify('The webhook is registered.'),
  });
  const rotate = api.useMutation('post', '/api/connections/{id}/webhook/rotate-secret', {
    onSuccess: () => notify('The secret was changed, in Dynamics as well.'),
  });
  const remove = api.useMutation('delete', '/api/connections/{id}/webhook', {
    onSuccess: () => notify('The webhook was taken out of Dynamics.'),
  });
  return (
    <>
      <ErrorNotice error={register.error} />
      <Stack direction={{ xs: 'column', sm: 'row' }} spacing={1} sx={{ mt: 2 }}>
        <TextField
          label="Public address of the function app"
          value={baseUrl}
          onChange={(event) => setBaseUrl(event.target.value)}
          sx={{ maxWidth: 420 }}
        />
        <Button
          variant="contained"
          loading={register.isPending}
          onClick={() => register.mutate({ ...params, body: { baseUrl } })}
        >
          {isRegistered ? 'Mend' : 'Register'}
        </Button>
        <Button disabled={!isRegistered} loading={rotate.isPending} onClick={() => rotate.mutate(params)}>
          Rotate secret
        </Button>
        <Button color="error" disabled={!isRegistered} onClick={() => setLeaving(true)}>
          Unregister
        </Button>
      </Stack>
      <Confirm
        open={isLeaving}
        title="Unregister the webhook?"
        action="Unregister"
        isDangerous
        onClose={() => setLeaving(false)}
        onConfirm={() => remove.mutate(params)}
      >
        Changes in Dynamics then arrive with the next scheduled sync only.
      </Confirm>
    </>
  );
}

function Steps({ steps }: Pick<WebhookView, 'steps'>) {
  return (
    <TableContainer>
      <Table size="small" aria-label="Steps registered in Dynamics">
        <TableHead>
          <TableRow>
            <TableCell>Table</TableCell>
            <TableCell>Message</TableCell>
            <TableCell>Columns</TableCell>
            <TableCell>State</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {steps.map((step) => (
            <TableRow key={step.id}>
              <TableCell>{step.crmEntity}</TableCell>
              <TableCell>{step.message}</TableCell>
              <TableCell sx={{ overflowWrap: 'anywhere' }}>
                {step.filteringAttributes?.join(', ') || 'all'}
              </TableCell>
              <TableCell>
                <StatusChip status={step.enabled ? 'ok' : 'off'} label={step.enabled ? 'On' : 'Off'} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

/** 32 random bytes that need no escaping in a header. */
function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

function OwnSecret() {
  const { id } = useConnection();
  const [secret, setSecret] = useState('');
  const [shown, setShown] = useState<string>();
  const save = api.useMutation('patch', '/api/connections/{id}', {
    meta: { showsErrors: true },
    onSuccess: () => {
      setShown(secret);
      setSecret('');
    },
  });
  if (!mayDo('sync.admin')) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ params: { path: { id } }, body: { webhookSecret: secret } });
  };
  return (
    <Section title="Secret for Power Automate">
      <Stack
        component="form"
        direction={{ xs: 'column', sm: 'row' }}
        spacing={1}
        sx={{ alignItems: { sm: 'start' } }}
        onSubmit={submit}
      >
        <TextField
          label="Webhook secret"
          type="password"
          autoComplete="off"
          value={secret}
          onChange={(event) => setSecret(event.target.value)}
          helperText="At least 16 characters."
          sx={{ maxWidth: 420 }}
        />
        <Button onClick={() => setSecret(newSecret())}>Make one</Button>
        <Button type="submit" variant="outlined" disabled={secret.length < 16} loading={save.isPending}>
          Set
        </Button>
      </Stack>
      <ErrorNotice error={save.error} />
      {shown !== undefined && (
        <Alert severity="success" sx={{ mt: 1 }} onClose={() => setShown(undefined)}>
          The secret is set and is shown this once: <CopyId id={shown} label="secret" />
        </Alert>
      )}
    </Section>
  );
}

function PowerAutomate() {
  const { id } = useConnection();
  const [isOpen, setOpen] = useState(false);
  const query = api.useQuery(
    'get',
    '/api/connections/{id}/webhook/power-automate',
    { params: { path: { id } } },
    { enabled: isOpen },
  );
  return (
    <Section
      title="Flow in Power Automate"
      actions={<Button onClick={() => setOpen(!isOpen)}>{isOpen ? 'Hide' : 'Show the recipe'}</Button>}
    >
      <Typography variant="body2" color="textSecondary">
        Instead of the registered webhook: a flow for each mapped table that posts to this service.
      </Typography>
      {isOpen && (
        <Loaded query={query}>
          {(recipe) => (
            <>
              <CopyId id={recipe.uri} label="address" />
              <Box
                component="pre"
                tabIndex={0}
                sx={{ overflow: 'auto', maxHeight: 420, fontSize: '0.8125rem', m: 0 }}
              >
                {JSON.stringify(recipe.flows, null, 2)}
              </Box>
              <Button
                onClick={() => void navigator.clipboard.writeText(JSON.stringify(recipe.flows, null, 2))}
              >
                Copy the recipe
              </Button>
            </>
          )}
        </Loaded>
      )}
    </Section>
  );
}
