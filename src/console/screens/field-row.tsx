import DeleteIcon from '@mui/icons-material/DeleteOutlined';
import TuneIcon from '@mui/icons-material/Tune';
import Autocomplete from '@mui/material/Autocomplete';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import IconButton from '@mui/material/IconButton';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import Tooltip from '@mui/material/Tooltip';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import type { Column, EntityField, Field } from '../api/types';
import { DirectionArrow } from './direction';
import type { Schemas } from './mapping';
import { columnText, fieldText, isOffered, transformLabel, withNeededTransform } from './mapping-fit';
import { TransformDialog } from './transform-dialog';

interface RowProps {
  readonly mapped: Field;
  readonly schemas: Schemas;
  readonly isReadOnly: boolean;
  readonly faults: readonly string[];
  readonly onChange: (next: Field) => void;
  readonly onRemove: () => void;
}

/** One field mapping: AuthScape on the left, Dynamics on the right, and how values flow between them. */
export function FieldRow({ mapped, schemas, isReadOnly, faults, onChange, onRemove }: RowProps) {
  const field = fieldOf(schemas, mapped.authScapeField);
  const column = schemas.columns.find(({ name }) => name === mapped.crmField) ?? null;
  const change = (next: Field, nextField: EntityField | null, nextColumn: Column | null) =>
    onChange(nextField && nextColumn ? withNeededTransform(next, nextField, nextColumn) : next);
  const name = `${field?.name ?? (mapped.authScapeField || 'the new field')} – ${mapped.crmField || '?'}`;
  return (
    <Box component="li" aria-label={name} sx={{ pt: 1.5, pb: 0.5, borderBottom: 1, borderColor: 'divider' }}>
      <Box sx={GRID}>
        <FieldPicker
          value={field}
          options={schemas.fields.filter(({ type }) => type !== 'reference' && type !== 'image')}
          isReadOnly={isReadOnly}
          onPick={(next) => change({ ...mapped, authScapeField: next?.key ?? '' }, next, column)}
        />
        <DirectionArrow
          direction={mapped.direction}
          of={name}
          disabled={isReadOnly}
          onChange={(direction) => onChange({ ...mapped, direction })}
        />
        <ColumnPicker
          value={column}
          options={schemas.columns.filter((one) => field === null || isOffered(field, one))}
          isReadOnly={isReadOnly}
          onPick={(next) => change({ ...mapped, crmField: next?.name ?? '' }, field, next)}
        />
      </Box>
      <Stack direction="row" sx={{ alignItems: 'center', flexWrap: 'wrap', columnGap: 1, mt: 0.5 }}>
        <Flag
          label="On"
          name={name}
          value={mapped.enabled}
          isReadOnly={isReadOnly}
          onSet={(enabled) => onChange({ ...mapped, enabled })}
        />
        <Flag
          label="Required"
          name={name}
          value={mapped.required}
          isReadOnly={isReadOnly}
          onSet={(required) => onChange({ ...mapped, required })}
        />
        <Flag
          label="Sync null values"
          name={name}
          value={mapped.syncNullValues}
          isReadOnly={isReadOnly}
          onSet={(syncNullValues) => onChange({ ...mapped, syncNullValues })}
        />
        <TransformButton
          mapped={mapped}
          field={field}
          column={column}
          schemas={schemas}
          isReadOnly={isReadOnly}
          name={name}
          onChange={onChange}
        />
        <Box sx={{ flexGrow: 1 }} />
        {!isReadOnly && (
          <Tooltip title="Remove the field mapping">
            <IconButton aria-label={`Remove ${name}`} onClick={onRemove}>
              <DeleteIcon />
            </IconButton>
          </Tooltip>
        )}
      </Stack>
      {faults.map((fault) => (
        <Typography key={fault} color="error" variant="body2" role="alert">
          {fault}
        </Typography>
      ))}
    </Box>
  );
}

const GRID = {
  display: 'grid',
  alignItems: 'start',
  gap: 1,
  gridTemplateColumns: { xs: 'minmax(0, 1fr)', sm: 'minmax(0, 1fr) 48px minmax(0, 1fr)' },
  justifyItems: { xs: 'stretch', sm: 'stretch' },
  '& > span': { justifySelf: 'center' },
};

/** Names are stored as keys; older mappings may hold them in another case. */
function fieldOf({ fields }: Schemas, stored: string): EntityField | null {
  const wanted = stored.toLowerCase();
  return (
    fields.find(({ key }) => key.toLowerCase() === wanted) ??
    fields.find(({ name }) => name.toLowerCase() === wanted) ??
    null
  );
}

interface FlagProps {
  readonly label: string;
  readonly name: string;
  readonly value: boolean;
  readonly isReadOnly: boolean;
  readonly onSet: (value: boolean) => void;
}

function Flag({ label, name, value, isReadOnly, onSet }: FlagProps) {
  return (
    <FormControlLabel
      sx={{ mr: 1 }}
      control={
        <Checkbox
          size="small"
          checked={value}
          disabled={isReadOnly}
          onChange={(_, checked) => onSet(checked)}
          slotProps={{ input: { 'aria-label': `${label}: ${name}` } }}
        />
      }
      label={<Typography variant="body2">{label}</Typography>}
    />
  );
}

interface PickerProps<T> {
  readonly value: T | null;
  readonly options: readonly T[];
  readonly isReadOnly: boolean;
  readonly onPick: (next: T | null) => void;
}

function FieldPicker({ value, options, isReadOnly, onPick }: PickerProps<EntityField>) {
  return (
    <Autocomplete
      size="small"
      readOnly={isReadOnly}
      value={value}
      options={options}
      getOptionKey={({ key }) => key}
      getOptionLabel={({ name }) => name}
      isOptionEqualToValue={(a, b) => a.key === b.key}
      onChange={(_, next) => onPick(next)}
      renderOption={({ key, ...props }, option) => (
        <Option key={key} {...props} name={option.name} detail={fieldText(option)} />
      )}
      renderInput={(params) => (
        <TextField {...params} label="AuthScape field" helperText={value === null ? ' ' : fieldText(value)} />
      )}
    />
  );
}

function ColumnPicker({ value, options, isReadOnly, onPick }: PickerProps<Column>) {
  return (
    <Autocomplete
      size="small"
      readOnly={isReadOnly}
      value={value}
      options={options}
      getOptionKey={({ name }) => name}
      getOptionLabel={({ name }) => name}
      isOptionEqualToValue={(a, b) => a.name === b.name}
      onChange={(_, next) => onPick(next)}
      renderOption={({ key, ...props }, option) => (
        <Option
          key={key}
          {...props}
          name={option.name}
          detail={[option.displayName, columnText(option)].filter(Boolean).join(' · ')}
        />
      )}
      renderInput={(params) => (
        <TextField
          {...params}
          label="Dynamics column"
          helperText={value === null ? ' ' : columnText(value)}
        />
      )}
    />
  );
}

function Option({ name, detail, ...props }: { readonly name: string; readonly detail: string }) {
  return (
    <Box component="li" {...props} sx={{ display: 'block !important' }}>
      <Typography variant="body2">{name}</Typography>
      <Typography variant="caption" color="textSecondary">
        {detail}
      </Typography>
    </Box>
  );
}

interface TransformButtonProps {
  readonly mapped: Field;
  readonly field: EntityField | null;
  readonly column: Column | null;
  readonly schemas: Schemas;
  readonly isReadOnly: boolean;
  readonly name: string;
  readonly onChange: (next: Field) => void;
}

function TransformButton({
  mapped,
  field,
  column,
  schemas,
  isReadOnly,
  name,
  onChange,
}: TransformButtonProps) {
  const [isOpen, setOpen] = useState(false);
  const label = mapped.transform === null ? 'No transform' : transformLabel(mapped.transform.type);
  return (
    <>
      <Button
        size="small"
        startIcon={<TuneIcon />}
        disabled={field === null || column === null}
        aria-label={`${label}: transform of ${name}`}
        onClick={() => setOpen(true)}
      >
        {label}
      </Button>
      {isOpen && field !== null && column !== null && (
        <TransformDialog
          transform={mapped.transform}
          field={field}
          column={column}
          fieldNames={schemas.fields.map((one) => one.name)}
          isReadOnly={isReadOnly}
          onClose={() => setOpen(false)}
          onSave={(transform) => {
            setOpen(false);
            onChange({ ...mapped, transform });
          }}
        />
      )}
    </>
  );
}
