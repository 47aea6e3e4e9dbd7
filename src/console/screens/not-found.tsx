import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { Link } from 'react-router';
import { Empty } from '../parts/loaded';

/** An address that no screen has. */
export function NotFound() {
  return (
    <>
      <Typography variant="h5" component="h1">
        Not found
      </Typography>
      <Empty title="There is nothing at this address">
        <Button component={Link} to="/connections">
          To the connections
        </Button>
      </Empty>
    </>
  );
}
