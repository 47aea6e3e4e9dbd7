import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import { Link as RouterLink } from 'react-router';
import { CopyId } from '../parts/small';

interface RecordLinkProps {
  readonly connectionId: string;
  readonly item: {
    readonly entity?: string | null | undefined;
    readonly authScapeId?: string | null | undefined;
    readonly crmEntity?: string | null | undefined;
    readonly crmId?: string | null | undefined;
  };
}

/** Leads to a record's page when its AuthScape id is known, else shows the id in Dynamics. */
export function RecordLink({ connectionId, item }: RecordLinkProps) {
  const { entity, authScapeId, crmEntity, crmId } = item;
  if (entity && authScapeId) {
    return (
      <Link
        component={RouterLink}
        to={`/connections/${connectionId}/records/${entity}/${encodeURIComponent(authScapeId)}`}
      >
        {entity} {authScapeId}
      </Link>
    );
  }
  if (!crmId) return <span>{entity ?? 'no record'}</span>;
  return (
    <Box component="span" sx={{ minWidth: 0, maxWidth: '100%', overflowWrap: 'anywhere' }}>
      {crmEntity} <CopyId id={crmId} label="Dynamics id" />
    </Box>
  );
}
