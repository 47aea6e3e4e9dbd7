import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import MenuItem from '@mui/material/MenuItem';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import { useState } from 'react';
import type { Column, EntityField, Transform } from '../api/types';
import { emptyTransform, type TransformType, transformLabel, transformsFor } from './mapping-fit';
import { TransformForm } from './transform-form';

export interface TransformContext {
  readonly field: EntityField;
  readonly column: Column;
  readonly fieldNames: readonly string[];
}

interface DialogProps extends TransformContext {
  readonly transform: Transform | null;
  readonly isReadOnly: boolean;
  readonly onClose: () => void;
  readonly onSave: (transform: Transform | null) => void;
}

/** Chooses a transform that fits both fields, and its settings. */
export function TransformDialog({ transform, isReadOnly, onClose, onSave, ...context }: DialogProps) {
  const [draft, setDraft] = useState(transform);
  const pick = (type: string) => setDraft(type === '' ? null : emptyTransform(type as TransformType));
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="sm" aria-labelledby="transform-title">
      <DialogTitle id="transform-title">
        Transform of {context.field.name} – {context.column.name}
      </DialogTitle>
      <DialogContent>
        <Stack spacing={2} sx={{ pt: 1 }}>
          <TextField
            select
            label="Transform"
            value={draft?.type ?? ''}
            disabled={isReadOnly}
            onChange={(event) => pick(event.target.value)}
            slotProps={{ inputLabel: { shrink: true }, select: { displayEmpty: true } }}
          >
            <MenuItem value="">None: the value as it is</MenuItem>
            {transformsFor(context.field, context.column).map((type) => (
              <MenuItem key={type} value={type}>
                {transformLabel(type)}
              </MenuItem>
            ))}
          </TextField>
          {draft !== null && <TransformForm draft={draft} context={context} onChange={setDraft} />}
        </Stack>
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        {!isReadOnly && (
          <Button variant="contained" onClick={() => onSave(draft)}>
            Take over
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}
