import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import { type ReactNode, useState } from 'react';

interface ConfirmProps {
  readonly open: boolean;
  readonly title: string;
  readonly action: string;
  /** Has to be typed before the action can be taken. */
  readonly typed?: string;
  readonly isDangerous?: boolean;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
  readonly children?: ReactNode;
}

/** Asks before something that cannot be taken back. */
export function Confirm({
  open,
  title,
  action,
  typed,
  isDangerous,
  onClose,
  onConfirm,
  children,
}: ConfirmProps) {
  const [text, setText] = useState('');
  const close = () => {
    setText('');
    onClose();
  };
  return (
    <Dialog open={open} onClose={close} aria-labelledby="confirm-title" fullWidth maxWidth="xs">
      <DialogTitle id="confirm-title">{title}</DialogTitle>
      <DialogContent>
        {children}
        {typed !== undefined && (
          <TextField
            sx={{ mt: 2 }}
            label={`Type "${typed}" to confirm`}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </DialogContent>
      <DialogActions>
        <Button onClick={close}>Cancel</Button>
        <Button
          variant="contained"
          color={isDangerous ? 'error' : 'primary'}
          disabled={typed !== undefined && text !== typed}
          onClick={() => {
            close();
            onConfirm();
          }}
        >
          {action}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
