import ArrowIcon from '@mui/icons-material/ArrowRightAlt';
import Box from '@mui/material/Box';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import type { Change, FieldChange } from '../api/types';
import { formatValue, ruleText, sideName, words } from './format';
import { StatusChip } from './small';

export function Value({ value }: { readonly value: unknown }) {
  const isEmpty = value === null || value === undefined || value === '';
  return (
    <Box
      component="span"
      sx={{ color: isEmpty ? 'text.secondary' : 'inherit', fontStyle: isEmpty ? 'italic' : 'normal' }}
    >
      {formatValue(value)}
    </Box>
  );
}

/** Old and new value of each field, with the rule that wrote it. */
export function FieldChanges({ fields }: { readonly fields: readonly FieldChange[] }) {
  if (fields.length === 0) return <Typography variant="body2">No field changes.</Typography>;
  return (
    <TableContainer>
      <Table size="small" aria-label="Fields">
        <TableHead>
          <TableRow>
            <TableCell>Field</TableCell>
            <TableCell>From</TableCell>
            <TableCell>To</TableCell>
            <TableCell>Why</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {fields.map((one) => (
            <TableRow key={one.field}>
              <TableCell>{one.field}</TableCell>
              <TableCell>{one.withheld ? 'not kept' : <Value value={one.from} />}</TableCell>
              <TableCell>{one.withheld ? 'not kept' : <Value value={one.to} />}</TableCell>
              <TableCell>
                {ruleText(one.rule)}
                {one.winner !== undefined && `, ${sideName(one.winner)} won`}
                {one.dropped !== undefined && `, dropped: ${formatValue(one.dropped)}`}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

/** What is done to one side of a pair; `would` for what is only planned. */
export function ChangeCard({
  change,
  would,
}: {
  readonly change: Omit<Change, 'id' | 'at'>;
  readonly would?: boolean;
}) {
  return (
    <Box sx={{ mb: 2 }}>
      <Typography
        component="h3"
        variant="subtitle2"
        sx={{ display: 'flex', alignItems: 'center', gap: 1, mb: 0.5 }}
      >
        <ArrowIcon aria-hidden />
        {words(`${would ? 'would ' : ''}${change.action}`)}
        {change.side === null ? '' : ` in ${sideName(change.side)}`}
        {!would && <StatusChip status={change.outcome} />}
      </Typography>
      {change.error !== undefined && (
        <Typography color="error" variant="body2">
          {change.error.message} ({change.error.code})
        </Typography>
      )}
      <FieldChanges fields={change.fields} />
    </Box>
  );
}
