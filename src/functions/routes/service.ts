import { z } from 'zod';
import type { healthHandlers } from '../health.js';
import type { openApiHandlers } from '../openapi.js';
import type { RoutesOf } from './route.js';

const health = z
  .object({
    status: z.enum(['healthy', 'unhealthy']),
    version: z.string(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), durationMs: z.number() })),
  })
  .meta({ id: 'Health' });

const group = 'Service';
const checks = [
  { name: 'storage', ok: true, durationMs: 4 },
  { name: 'keyVault', ok: true, durationMs: 12 },
];

export const healthRoutes: RoutesOf<ReturnType<typeof healthHandlers>> = {
  get: {
    name: 'health',
    method: 'GET',
    path: 'health',
    role: null,
    group,
    summary: 'Tell the version, and whether storage and Key Vault answer',
    answers: {
      200: {
        description: 'Both answer.',
        schema: health,
        example: { status: 'healthy', version: '1.4.0', checks },
      },
      503: {
        description: 'One of them does not.',
        schema: health,
        example: { status: 'unhealthy', version: '1.4.0', checks: [{ ...checks[0], ok: false }, checks[1]] },
      },
    },
  },
};

export const openApiRoutes: RoutesOf<ReturnType<typeof openApiHandlers>> = {
  document: {
    name: 'openApi',
    method: 'GET',
    path: 'openapi.json',
    role: null,
    group,
    summary: 'This document',
    answers: {
      200: {
        description: 'The OpenAPI 3.1 document of this service.',
        schema: z.record(z.string(), z.unknown()),
        example: { openapi: '3.1.1' },
        headers: ['ETag'],
      },
    },
  },
};
