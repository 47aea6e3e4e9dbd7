import CheckIcon from '@mui/icons-material/CheckCircleOutlined';
import ErrorIcon from '@mui/icons-material/ErrorOutlined';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import List from '@mui/material/List';
import ListItem from '@mui/material/ListItem';
import ListItemIcon from '@mui/material/ListItemIcon';
import ListItemText from '@mui/material/ListItemText';
import { api } from '../api/client';
import type { ConnectionTest } from '../api/types';
import { formatDuration } from '../parts/format';
import { ErrorNotice } from '../parts/loaded';

/** What each step tries. */
const STEPS: Readonly<Record<string, string>> = {
  token: 'Dynamics: sign in',
  whoAmI: 'Dynamics: application user',
  'read contact': 'Dynamics: read contacts',
  'write contact': 'Dynamics: write contacts',
  'change tracking': 'Dynamics: change tracking',
  'authScape token': 'AuthScape: sign in',
  'authScape module': 'AuthScape: module UserManagement',
};

/** Runs the connection's test at once and lists its steps, each with what to do when it fails. */
export function ConnectionTestSteps({ connectionId }: { readonly connectionId: string }) {
  const test = api.useQuery(
    'post',
    '/api/connections/{id}/test',
    { params: { path: { id: connectionId } } },
    { staleTime: Number.POSITIVE_INFINITY, gcTime: 0 },
  );
  return (
    <Box aria-live="polite">
      {test.isFetching && <LinearProgress aria-label="Testing" sx={{ my: 2 }} />}
      {!test.isFetching && <ErrorNotice error={test.error} />}
      {test.data !== undefined && !test.isFetching && <Outcome test={test.data} />}
      <Button onClick={() => void test.refetch()} disabled={test.isFetching}>
        Test again
      </Button>
    </Box>
  );
}

function Outcome({ test }: { readonly test: ConnectionTest }) {
  return (
    <>
      <Alert severity={test.ok ? 'success' : 'error'}>
        {test.ok ? 'The connection works: all permissions are there.' : 'The connection does not work yet.'}
      </Alert>
      <List dense aria-label="Steps of the test">
        {test.steps.map((step) => (
          <ListItem key={step.name} alignItems="flex-start">
            <ListItemIcon sx={{ minWidth: 36 }}>
              {step.ok ? (
                <CheckIcon color="success" titleAccess="ok" />
              ) : (
                <ErrorIcon color="error" titleAccess="failed" />
              )}
            </ListItemIcon>
            <ListItemText
              primary={`${STEPS[step.name] ?? step.name} (${formatDuration(step.durationMs)})`}
              secondary={
                step.ok ? undefined : [step.detail, step.hint, step.code].filter(Boolean).join(' · ')
              }
            />
          </ListItem>
        ))}
      </List>
    </>
  );
}
