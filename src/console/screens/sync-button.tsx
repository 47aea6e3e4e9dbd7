import ArrowIcon from '@mui/icons-material/ArrowDropDown';
import SyncIcon from '@mui/icons-material/Sync';
import Button from '@mui/material/Button';
import ListItemText from '@mui/material/ListItemText';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../api/client';
import type { Connection } from '../api/types';

const CHOICES = [
  {
    label: 'Full sync',
    detail: 'Compares all records of both sides.',
    body: { mode: 'full' },
  },
  {
    label: 'Incremental sync',
    detail: 'Only what has changed since the last sync.',
    body: { mode: 'incremental' },
  },
  {
    label: 'Dry run',
    detail: 'Shows what a full sync would write, and writes nothing.',
    body: { mode: 'full', dryRun: true },
  },
] as const;

/** Starts a run by hand. */
export function SyncButton({ connection }: { readonly connection: Connection }) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const navigate = useNavigate();
  const start = api.useMutation('post', '/api/connections/{id}/sync', {
    onSuccess: (run) => void navigate(`/connections/${connection.id}/runs/${run.id}`),
  });
  const path = { id: connection.id };
  return (
    <>
      <Button
        variant="contained"
        startIcon={<SyncIcon />}
        endIcon={<ArrowIcon />}
        loading={start.isPending}
        loadingPosition="start"
        disabled={!connection.enabled}
        aria-haspopup="menu"
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        Sync now
      </Button>
      <Menu open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)}>
        {CHOICES.map(({ label, detail, body }) => (
          <MenuItem
            key={label}
            onClick={() => {
              setAnchor(null);
              start.mutate({ params: { path }, body });
            }}
          >
            <ListItemText primary={label} secondary={detail} />
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}
