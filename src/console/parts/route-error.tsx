import Button from '@mui/material/Button';
import Container from '@mui/material/Container';
import { useRouteError } from 'react-router';
import { ErrorNotice } from './loaded';

/** What is left when a screen cannot be shown at all, as when a newer version was deployed meanwhile. */
export function RouteError() {
  const error = useRouteError();
  return (
    <Container component="main" sx={{ py: 6 }}>
      <ErrorNotice error={error} />
      <Button onClick={() => location.reload()}>Load the page again</Button>
    </Container>
  );
}
