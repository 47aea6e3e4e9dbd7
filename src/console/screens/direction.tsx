import InIcon from '@mui/icons-material/ArrowBack';
import OutIcon from '@mui/icons-material/ArrowForward';
import BothIcon from '@mui/icons-material/SyncAlt';
import IconButton from '@mui/material/IconButton';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import Tooltip from '@mui/material/Tooltip';
import type { Direction } from '../api/types';

/** Names as they read with AuthScape on the left and Dynamics on the right. */
export const DIRECTIONS = {
  Bidirectional: { label: 'Both ways', Icon: BothIcon },
  Outbound: { label: 'AuthScape to Dynamics', Icon: OutIcon },
  Inbound: { label: 'Dynamics to AuthScape', Icon: InIcon },
} as const;

const NEXT: Record<Direction, Direction> = {
  Bidirectional: 'Outbound',
  Outbound: 'Inbound',
  Inbound: 'Bidirectional',
};

interface ArrowProps {
  readonly direction: Direction;
  readonly of: string;
  readonly disabled?: boolean;
  readonly onChange: (direction: Direction) => void;
}

/** The arrow between two fields; a click turns it. */
export function DirectionArrow({ direction, of, disabled, onChange }: ArrowProps) {
  const { label, Icon } = DIRECTIONS[direction];
  return (
    <Tooltip title={`${label}. Click to change.`}>
      <span>
        <IconButton
          color="primary"
          disabled={disabled === true}
          aria-label={`Direction of ${of}: ${label}`}
          onClick={() => onChange(NEXT[direction])}
        >
          <Icon />
        </IconButton>
      </span>
    </Tooltip>
  );
}

interface SelectProps {
  readonly value: Direction;
  readonly disabled?: boolean;
  readonly onChange: (direction: Direction) => void;
}

export function DirectionSelect({ value, disabled, onChange }: SelectProps) {
  return (
    <TextField
      select
      label="Direction"
      value={value}
      disabled={disabled === true}
      onChange={(event) => onChange(event.target.value as Direction)}
    >
      {Object.entries(DIRECTIONS).map(([name, { label }]) => (
        <MenuItem key={name} value={name}>
          {label}
        </MenuItem>
      ))}
    </TextField>
  );
}
