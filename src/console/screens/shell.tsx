import SignOutIcon from '@mui/icons-material/Logout';
import SyncIcon from '@mui/icons-material/SyncAlt';
import AppBar from '@mui/material/AppBar';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Container from '@mui/material/Container';
import IconButton from '@mui/material/IconButton';
import LinearProgress from '@mui/material/LinearProgress';
import Toolbar from '@mui/material/Toolbar';
import Tooltip from '@mui/material/Tooltip';
import Typography from '@mui/material/Typography';
import { Suspense, use } from 'react';
import { NavLink, Outlet, useNavigation } from 'react-router';
import { type ConsoleConfig, signOut, useSession } from '../api/session';
import { SignIn } from './sign-in';

const PAGES = [
  { to: '/connections', label: 'Connections' },
  { to: '/audit', label: 'Audit' },
  { to: '/configuration', label: 'Configuration' },
];

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
        <Toolbar variant="dense" sx={{ columnGap: 1, flexWrap: 'wrap', py: { xs: 0.5, sm: 0 } }}>
          <SyncIcon aria-hidden sx={{ display: { xs: 'none', sm: 'block' } }} />
          <Typography variant="h6" component="span" sx={{ flexGrow: 1, whiteSpace: 'nowrap' }}>
            CRM Integration
          </Typography>
          {credentials !== null && (
            <>
              <Box component="nav" aria-label="Main" sx={NAV_BAR}>
                {PAGES.map(({ to, label }) => (
                  <Button key={to} color="inherit" component={NavLink} to={to} sx={NAV_LINK}>
                    {label}
                  </Button>
                ))}
              </Box>
              {credentials.kind === 'token' && (
                <Typography variant="body2" sx={PERSON}>
                  {credentials.name}
                </Typography>
              )}
              <Tooltip title="Sign out">
                <IconButton color="inherit" aria-label="Sign out" onClick={signOut}>
                  <SignOutIcon />
                </IconButton>
              </Tooltip>
            </>
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

/** On a phone below the title. */
const NAV_BAR = { display: 'flex', order: { xs: 1, sm: 0 }, width: { xs: '100%', sm: 'auto' } };
const PERSON = {
  maxWidth: { xs: 120, sm: 240 },
  overflow: 'hidden',
  textOverflow: 'ellipsis',
  whiteSpace: 'nowrap',
};
const NAV_LINK = {
  px: { xs: 0.5, sm: 1 },
  '&.active': { textDecoration: 'underline', textUnderlineOffset: 6, textDecorationThickness: 2 },
};

function SignInFor({ config }: ShellProps) {
  return <SignIn config={use(config)} />;
}
