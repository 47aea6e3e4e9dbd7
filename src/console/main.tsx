import createCache from '@emotion/cache';
import { CacheProvider } from '@emotion/react';
import CssBaseline from '@mui/material/CssBaseline';
import { ThemeProvider } from '@mui/material/styles';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router/dom';
import { loadConfig } from './api/config';
import { queryClient } from './api/query-client';
import { takeKeyFromAddress } from './api/session';
import { nonce } from './parts/nonce';
import { Notices } from './parts/notices';
import { createRouter } from './routes';
import { theme } from './theme';

takeKeyFromAddress();
const cache = createCache({ key: 'css', nonce, prepend: true });
const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root element.');

createRoot(root).render(
  <StrictMode>
    <CacheProvider value={cache}>
      <ThemeProvider theme={theme}>
        <CssBaseline enableColorScheme />
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={createRouter(loadConfig())} />
          <Notices />
        </QueryClientProvider>
      </ThemeProvider>
    </CacheProvider>
  </StrictMode>,
);
