import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { openApiDocument } from '../../../src/functions/routes/document.js';
import type { Route } from '../../../src/functions/routes/route.js';
import { allRoutes } from '../../../src/functions/routes/table.js';

const document = openApiDocument(allRoutes(), '1.0.0');
const routes = allRoutes().map((route) => [`${route.method} ${route.path}`, route] as const);

const accepts = (schema: z.ZodType, example: unknown) => {
  const { error } = schema.safeParse(example);
  return error?.issues ?? [];
};

describe('the OpenAPI document', () => {
  it('is valid by the specification of OpenAPI 3.1', async () => {
    const validator = new Validator();

    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('has an operation of its own name for each route', () => {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${operationId} ${method} ${path}`),
    );

    expect(operations.sort()).toEqual(
      allRoutes()
        .map(({ method, name, path }) => `${name} ${method.toLowerCase()} /api/${path}`)
        .sort(),
    );
    expect(new Set(allRoutes().map(({ name }) => name)).size).toBe(allRoutes().length);
  });

  it('names no schema that it does not have', () => {
    const text = JSON.stringify(document);
    const named = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);

    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining([...new Set(named)]));
    expect(text).not.toContain('#/$defs/');
  });
});

describe('the examples fit their schemas', () => {
  it.each(routes)('%s', (_, { answers, body }: Route) => {
    if (body) expect(accepts(body.schema, body.example)).toEqual([]);
    for (const { example, schema } of Object.values(answers)) {
      if (schema) expect(accepts(schema, example)).toEqual([]);
    }
  });
});

describe('each route', () => {
  it.each(routes)('says what a caller needs to know: %s', (_, { answers, method, role, summary }: Route) => {
    expect(summary).toMatch(/^[A-Z]/);
    expect(Object.keys(answers).length).toBeGreaterThan(0);
    if (method === 'GET') expect([null, 'sync.read']).toContain(role);
    else expect(role).not.toBe('sync.read');
  });
});
