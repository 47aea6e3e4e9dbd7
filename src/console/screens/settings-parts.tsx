import Button from '@mui/material/Button';
import Link from '@mui/material/Link';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { Link as RouterLink, useNavigate } from 'react-router';
import { api } from '../api/client';
import type { Connection } from '../api/types';
import { Confirm } from '../parts/confirm';
import { Section } from '../parts/small';

interface PartProps {
  readonly connection: Connection;
}

/** Switching the connection off, and deleting it. */
export function DangerZone({ connection }: PartProps) {
  const [isAsking, setAsking] = useState(false);
  const navigate = useNavigate();
  const patch = api.useMutation('patch', '/api/connections/{id}');
  const remove = api.useMutation('delete', '/api/connections/{id}', {
    meta: { leavesScreen: true },
    onSuccess: async () => navigate('/connections'),
  });
  const params = { path: { id: connection.id } };
  return (
    <Section title="Danger zone">
      <Stack direction="row" spacing={1} useFlexGap sx={{ flexWrap: 'wrap' }}>
        <Button
          variant="outlined"
          loading={patch.isPending}
          onClick={() => patch.mutate({ params, body: { enabled: !connection.enabled } })}
        >
          {connection.enabled ? 'Disable the connection' : 'Enable the connection'}
        </Button>
        <Button variant="outlined" color="error" loading={remove.isPending} onClick={() => setAsking(true)}>
          Delete the connection
        </Button>
      </Stack>
      <Typography variant="body2" color="textSecondary" sx={{ mt: 1 }}>
        Before deleting, take the{' '}
        <Link component={RouterLink} to="/configuration">
          configuration
        </Link>{' '}
        along.
      </Typography>
      <Confirm
        open={isAsking}
        title="Delete the connection?"
        action="Delete"
        typed={connection.name}
        isDangerous
        onClose={() => setAsking(false)}
        onConfirm={() => remove.mutate({ params })}
      >
        Its mappings, links, log and secrets are removed, and its webhook is taken out of Dynamics. Records
        stay as they are on both sides.
      </Confirm>
    </Section>
  );
}
