import { createBrowserRouter, Navigate, type RouteObject } from 'react-router';
import type { ConsoleConfig } from './api/session';
import { RouteError } from './parts/route-error';
import { Shell } from './screens/shell';
import { SignedIn } from './screens/signed-in';

const connectionRoutes: RouteObject[] = [
  { index: true, element: <Navigate to="overview" replace /> },
  { path: 'overview', lazy: async () => ({ Component: (await import('./screens/overview')).Overview }) },
  { path: 'mappings', lazy: async () => ({ Component: (await import('./screens/mappings')).Mappings }) },
  {
    path: 'mappings/:mappingId',
    lazy: async () => ({ Component: (await import('./screens/mapping')).MappingScreen }),
  },
  { path: 'runs', lazy: async () => ({ Component: (await import('./screens/runs')).Runs }) },
  { path: 'runs/:runId', lazy: async () => ({ Component: (await import('./screens/run')).RunScreen }) },
  { path: 'approvals', lazy: async () => ({ Component: (await import('./screens/approvals')).Approvals }) },
  { path: 'problems', lazy: async () => ({ Component: (await import('./screens/problems')).Problems }) },
  { path: 'records', lazy: async () => ({ Component: (await import('./screens/records')).Records }) },
  {
    path: 'records/:entity/:authScapeId',
    lazy: async () => ({ Component: (await import('./screens/record')).RecordScreen }),
  },
  { path: 'webhook', lazy: async () => ({ Component: (await import('./screens/webhook')).Webhook }) },
  { path: 'settings', lazy: async () => ({ Component: (await import('./screens/settings')).Settings }) },
];

/** All addresses of the console; screens are loaded when they are opened. */
export function createRouter(config: Promise<ConsoleConfig>) {
  return createBrowserRouter(
    [
      { path: 'signed-in', element: <SignedIn config={config} />, errorElement: <RouteError /> },
      {
        path: '/',
        element: <Shell config={config} />,
        errorElement: <RouteError />,
        hydrateFallbackElement: <></>,
        children: [
          { index: true, element: <Navigate to="connections" replace /> },
          {
            path: 'connections',
            lazy: async () => ({ Component: (await import('./screens/connections')).Connections }),
          },
          {
            path: 'connections/:id',
            lazy: async () => ({ Component: (await import('./screens/connection')).ConnectionLayout }),
            children: connectionRoutes,
          },
          { path: 'audit', lazy: async () => ({ Component: (await import('./screens/audit')).Audit }) },
          {
            path: 'configuration',
            lazy: async () => ({ Component: (await import('./screens/configuration')).Configuration }),
          },
          { path: '*', lazy: async () => ({ Component: (await import('./screens/not-found')).NotFound }) },
        ],
      },
    ],
    { basename: '/api/console' },
  );
}
