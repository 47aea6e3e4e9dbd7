import AddIcon from '@mui/icons-material/Add';
import DeleteIcon from '@mui/icons-material/DeleteOutlined';
import Autocomplete from '@mui/material/Autocomplete';
import Button from '@mui/material/Button';
import FormControlLabel from '@mui/material/FormControlLabel';
import IconButton from '@mui/material/IconButton';
import MenuItem from '@mui/material/MenuItem';
import Stack from '@mui/material/Stack';
import Switch from '@mui/material/Switch';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import type { Column, EntityField, Transform } from '../api/types';
import type { TransformContext } from './transform-dialog';

interface FormProps {
  readonly draft: Transform;
  readonly context: TransformContext;
  readonly onChange: (next: Transform) => void;
}

const NOTES = {
  uppercase: 'Writes the text in capitals to Dynamics.',
  lowercase: 'Writes the text in small letters to Dynamics.',
  titleCase: 'Writes each word with a capital to Dynamics.',
  trim: 'Leaves out blanks at both ends.',
};

/** The settings that a transform of this type has. */
export function TransformForm({ draft, context, onChange }: FormProps) {
  switch (draft.type) {
    case 'stateCode':
    case 'boolean':
      return (
        <FormControlLabel
          control={
            <Switch
              checked={draft.inverted === true}
              onChange={(_, inverted) => onChange({ type: draft.type, ...(inverted ? { inverted } : {}) })}
            />
          }
          label="The other way round"
        />
      );
    case 'optionSet':
      return (
        <TextField
          select
          label="AuthScape holds"
          value={draft.by ?? 'value'}
          onChange={(event) => onChange({ ...draft, by: event.target.value === 'label' ? 'label' : 'value' })}
        >
          <MenuItem value="value">the number of the option</MenuItem>
          <MenuItem value="label">the label of the option</MenuItem>
        </TextField>
      );
    case 'date':
      return (
        <TextField
          label="Time zone"
          placeholder="Europe/Berlin"
          value={draft.timeZone ?? ''}
          onChange={(event) =>
            onChange(
              event.target.value === '' ? { type: 'date' } : { type: 'date', timeZone: event.target.value },
            )
          }
          helperText="In which zone a day begins, where one side has a time of day and the other has none."
        />
      );
    case 'number':
      return (
        <TextField
          label="Decimals"
          type="number"
          value={draft.decimals ?? ''}
          onChange={(event) =>
            onChange(
              event.target.value === ''
                ? { type: 'number' }
                : { type: 'number', decimals: Number(event.target.value) },
            )
          }
        />
      );
    case 'concatenate':
      return <Concatenate draft={draft} fieldNames={context.fieldNames} onChange={onChange} />;
    case 'split':
      return <Split draft={draft} onChange={onChange} />;
    case 'default':
      return (
        <TextField
          label="Value when the field is empty"
          value={String(draft.value)}
          onChange={(event) =>
            onChange({ type: 'default', value: typed(event.target.value, context.column) })
          }
        />
      );
    case 'valueMap':
      return <ValueMap draft={draft} context={context} onChange={onChange} />;
    case 'uppercase':
    case 'lowercase':
    case 'titleCase':
    case 'trim':
      return <Typography variant="body2">{NOTES[draft.type]}</Typography>;
  }
}

interface SplitProps {
  readonly draft: Extract<Transform, { type: 'split' }>;
  readonly onChange: (next: Transform) => void;
}

function Split({ draft, onChange }: SplitProps) {
  return (
    <Stack direction="row" spacing={2}>
      <TextField
        label="Separator"
        value={draft.separator}
        onChange={(event) => onChange({ ...draft, separator: event.target.value })}
      />
      <TextField
        label="Part, from 0"
        type="number"
        value={draft.index}
        onChange={(event) => onChange({ ...draft, index: Number(event.target.value) })}
      />
    </Stack>
  );
}

interface ConcatenateProps {
  readonly draft: Extract<Transform, { type: 'concatenate' }>;
  readonly fieldNames: readonly string[];
  readonly onChange: (next: Transform) => void;
}

function Concatenate({ draft, fieldNames, onChange }: ConcatenateProps) {
  return (
    <>
      <Autocomplete
        multiple
        size="small"
        options={fieldNames}
        value={draft.fields}
        onChange={(_, fields) => onChange({ ...draft, fields })}
        renderInput={(params) => <TextField {...params} label="AuthScape fields, in order" />}
      />
      <TextField
        label="Separator"
        value={draft.separator ?? ''}
        onChange={(event) => onChange({ ...draft, separator: event.target.value })}
        helperText="Has no way back: the field must flow from AuthScape to Dynamics only."
      />
    </>
  );
}

/** What a text stands for in a column of this type. */
function typed(text: string, { type }: Column): string | number | boolean {
  if (type === 'boolean') return text === 'true';
  const isNumeric = !['string', 'memo', 'dateOnly', 'dateTime'].includes(type);
  return isNumeric && text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

interface ValueMapProps {
  readonly draft: Extract<Transform, { type: 'valueMap' }>;
  readonly context: TransformContext;
  readonly onChange: (next: Transform) => void;
}

/** Pairs of values; where a side has options they are offered by their labels. */
function ValueMap({ draft, context: { field, column }, onChange }: ValueMapProps) {
  const pairs = Object.entries(draft.map);
  const put = (next: readonly (readonly [string, string | number | boolean])[]) =>
    onChange({ type: 'valueMap', map: Object.fromEntries(next) });
  const isFull = pairs.some(([key]) => key === '');
  return (
    <Stack spacing={1}>
      {pairs.map(([key, value], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the key of a pair is edited in the row itself
        <Stack key={index} direction="row" spacing={1} sx={{ alignItems: 'center' }}>
          <AuthScapeValue
            value={key}
            field={field}
            onPick={(next) => put(pairs.map((pair, at) => (at === index ? [next, value] : pair)))}
          />
          <DynamicsValue
            value={value}
            column={column}
            onPick={(next) => put(pairs.map((pair, at) => (at === index ? [key, next] : pair)))}
          />
          <IconButton
            aria-label={`Remove the pair ${key}`}
            onClick={() => put(pairs.filter((_, at) => at !== index))}
          >
            <DeleteIcon />
          </IconButton>
        </Stack>
      ))}
      <Button
        startIcon={<AddIcon />}
        disabled={isFull}
        sx={{ alignSelf: 'flex-start' }}
        onClick={() => put([...pairs, ['', column.options?.[0]?.value ?? '']])}
      >
        Add pair
      </Button>
    </Stack>
  );
}

interface AuthScapeValueProps {
  readonly value: string;
  readonly field: EntityField;
  readonly onPick: (value: string) => void;
}

function AuthScapeValue({ value, field, onPick }: AuthScapeValueProps) {
  const options = field.options;
  return (
    <TextField
      label="AuthScape value"
      value={value}
      {...(options === null ? {} : { select: true })}
      onChange={(event) => onPick(event.target.value)}
    >
      {options?.map(({ key, label }) => (
        <MenuItem key={key} value={key}>
          {label}
        </MenuItem>
      ))}
    </TextField>
  );
}

interface DynamicsValueProps {
  readonly value: string | number | boolean;
  readonly column: Column;
  readonly onPick: (value: string | number | boolean) => void;
}

function DynamicsValue({ value, column, onPick }: DynamicsValueProps) {
  const { options } = column;
  return (
    <TextField
      label="Dynamics value"
      value={String(value)}
      {...(options === null ? {} : { select: true })}
      onChange={(event) => onPick(typed(event.target.value, column))}
    >
      {options?.map((option) => (
        <MenuItem key={option.value} value={String(option.value)}>
          {option.label} ({option.value})
        </MenuItem>
      ))}
    </TextField>
  );
}
