import SyncIcon from '@mui/icons-material/SyncAlt';
import AppBar from '@mui/material/AppBar';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Container from '@mui/material/Container';
import LinearProgress from '@mui/material/LinearProgress';
import Toolbar from '@mui/material/Toolbar';
import Typography from '@mui/material/Typography';
import { Suspense, use } from 'react';
import { NavLink, Outlet, useNavigation } from 'react-router';
import { type ConsoleConfig, mayDo, signOut, useSession } from '../api/session';
import { SignIn } from './sign-in';

const PAGES = [
  { to: '/connections', label: 'Connections', role: 'sync.read' },
  { to: '/audit', label: 'Audit', role: 'sync.read' },
  { to: '/configuration', label: 'Configuration', role: 'sync.read' },
] as const;

interface ShellProps {
  readonly config: Promise<ConsoleConfig>;
}

/** The frame of all screens. Who is not signed in signs in at the very address that was asked for. */
export function Shell({ config }: ShellProps) {
  const { credentials } = useSession();
  const navigation = useNavigation();
  return (
    <>
      <AppBar position="sticky" color="primary">
        <Toolbar variant="dense" sx={{ gap: 1, flexWrap: 'wrap' }}>
          <SyncIcon aria-hidden sx={{ display: { xs: 'none', sm: 'block' } }} />
          <Typography variant="h6" component="span" sx={{ flexGrow: 1, whiteSpace: 'nowrap' }}>
            CRM Integration
          </Typography>
          {credentials !== null && (
            <Box component="nav" aria-label="Main" sx={{ display: 'flex', flexWrap: 'wrap' }}>
              {PAGES.filter(({ role }) => mayDo(role)).map(({ to, label }) => (
                <Button key={to} color="inherit" component={NavLink} to={to} sx={NAV}>
                  {label}
                </Button>
              ))}
              <Button color="inherit" onClick={signOut}>
                Sign out
              </Button>
            </Box>
          )}
        </Toolbar>
        {navigation.state !== 'idle' && (
          <LinearProgress sx={{ position: 'absolute', bottom: 0, left: 0, right: 0 }} aria-label="Opening" />
        )}
      </AppBar>
      <Container component="main" maxWidth="xl" sx={{ py: { xs: 1.5, sm: 3 }, px: { xs: 1, sm: 3 } }}>
        {credentials === null ? (
          <Suspense>
            <SignInFor config={config} />
          </Suspense>
        ) : (
          <Outlet />
        )}
      </Container>
    </>
  );
}

const NAV = {
  '&.active': { textDecoration: 'underline', textUnderlineOffset: 6, textDecorationThickness: 2 },
};

function SignInFor({ config }: ShellProps) {
  return <SignIn config={use(config)} />;
}
