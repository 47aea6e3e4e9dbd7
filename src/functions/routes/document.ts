import { z } from 'zod';
import type { ErrorCode } from '../../domain/errors.js';
import { statusOf } from '../problem.js';
import {
  type AnswerHeader,
  BODY_ERRORS,
  COMMON_ERRORS,
  type RequestHeader,
  type Route,
  type RouteAnswer,
} from './route.js';
import { problemAnswer } from './shapes.js';

/** JSON of the document; its parts are checked against the specification by a test. */
type Json = Readonly<Record<string, unknown>>;

const REQUEST_HEADERS: Readonly<Record<RequestHeader, string>> = {
  'If-Match': 'ETag that the resource must still have; else 412 precondition_failed.',
  'Idempotency-Key': 'The same key within 24 hours gives the first answer again.',
};

const ANSWER_HEADERS: Readonly<Record<AnswerHeader, string>> = {
  ETag: 'Version of the resource, for If-Match.',
  Location: 'Address of what was made or started.',
};

const SECURITY_SCHEMES: Json = {
  functionKey: { type: 'apiKey', in: 'header', name: 'x-functions-key' },
  functionKeyInQuery: { type: 'apiKey', in: 'query', name: 'code' },
  bearerToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'A token of one of the OpenID Connect issuers that the service trusts. Its roles are sync.read, sync.operate and sync.admin; each holds the ones before it.',
  },
};

/** The OpenAPI 3.1 document of these routes. */
export function openApiDocument(routes: readonly Route[], version: string) {
  const parts = new Parts();
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = `/api/${route.path}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, parts) };
  }
  parts.schema(problemAnswer, 'output');
  return {
    openapi: '3.1.1',
    info: {
      title: 'AuthScape sync for Dynamics 365',
      version,
      description:
        'Two-way sync of users, companies and locations of AuthScape with Dataverse tables. Errors are RFC 9457 problem documents with a stable `code`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(({ group }) => group))].map((name) => ({ name })),
    paths,
    components: { schemas: parts.schemas, responses: parts.responses, securitySchemes: SECURITY_SCHEMES },
  };
}

/** Gathers the schemas that have a name, and the answers of errors, so that each stands in the document once. */
class Parts {
  readonly schemas: Record<string, Json> = {};
  readonly responses: Record<string, Json> = {};

  /** A reference to the answer that has this status and one of these codes. */
  problem(status: number, codes: readonly ErrorCode[]): Json {
    const name = [status, ...codes].join('.');
    this.responses[name] ??= problemResponse(status, codes);
    return { $ref: `#/components/responses/${name}` };
  }

  schema(schema: z.ZodType, io: 'input' | 'output'): Json {
    const json = z.toJSONSchema(schema, { io, override: open(io) });
    const {
      $schema: _,
      $defs = {},
      ...rest
    } = JSON.parse(JSON.stringify(json).replaceAll('"#/$defs/', '"#/components/schemas/'));
    Object.assign(this.schemas, $defs);
    return rest;
  }
}

/** Answers may grow by members, so that no caller may count on there being no other. */
const open =
  (io: 'input' | 'output') =>
  ({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void => {
    if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  };

function operation(route: Route, parts: Parts): Json {
  const { body } = route;
  return {
    operationId: route.name,
    summary: route.summary,
    tags: [route.group],
    parameters: parameters(route, parts),
    ...(body && {
      requestBody: {
        required: body.optional !== true,
        content: {
          'application/json': { schema: parts.schema(body.schema, 'input'), example: body.example },
        },
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.answers).map(([status, answer]) => [status, response(answer, parts)]),
      ),
      ...problems(route, parts),
    },
    ...(route.role === null
      ? { security: [] }
      : {
          security: [{ functionKey: [] }, { functionKeyInQuery: [] }, { bearerToken: [] }],
          'x-required-role': route.role,
        }),
  };
}

function parameters({ headers = [], path, query }: Route, parts: Parts): readonly Json[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', minLength: 1 },
  }));
  const { properties = {}, required = [] } = query
    ? (parts.schema(query, 'input') as { properties?: Json; required?: readonly string[] })
    : {};
  const inQuery = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
  const inHeader = headers.map((name) => ({
    name,
    in: 'header',
    required: false,
    description: REQUEST_HEADERS[name],
    schema: { type: 'string' },
  }));
  return [...inPath, ...inQuery, ...inHeader];
}

function response({ description, example, headers = [], schema, textAs }: RouteAnswer, parts: Parts): Json {
  return {
    description,
    ...(headers.length > 0 && {
      headers: Object.fromEntries(
        headers.map((name) => [
          name,
          { description: ANSWER_HEADERS[name], required: true, schema: { type: 'string' } },
        ]),
      ),
    }),
    ...(schema && {
      content: {
        'application/json': { schema: parts.schema(schema, 'output'), example },
        ...(textAs === undefined ? {} : { [textAs]: { schema: { type: 'string' } } }),
      },
    }),
  };
}

/** The errors of a route, by status, each with the codes that it can have. */
function problems(route: Route, parts: Parts): Json {
  const byStatus = new Map<number, Set<ErrorCode>>();
  for (const code of errorsOf(route)) {
    const status = statusOf(code);
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(code));
  }
  return Object.fromEntries(
    [...byStatus]
      .filter(([status]) => !(status in route.answers))
      .map(([status, codes]) => [status, parts.problem(status, [...codes])]),
  );
}

/** A route that needs no key and reads no input has few ways to fail. */
function errorsOf({ body, errors = [], method, role }: Route): readonly ErrorCode[] {
  if (role === null && method === 'GET') return ['internal_error', ...errors];
  return [
    ...COMMON_ERRORS,
    ...(role === null ? [] : (['unauthorized', 'forbidden', 'issuer_unavailable'] as const)),
    ...(body || method !== 'GET' ? BODY_ERRORS : []),
    ...errors,
  ];
}

function problemResponse(status: number, codes: readonly ErrorCode[]): Json {
  const $ref = '#/components/schemas/Problem';
  const restricted = { type: 'object', properties: { status: { const: status }, code: { enum: codes } } };
  return {
    description: codes.join(', '),
    content: { 'application/problem+json': { schema: { allOf: [{ $ref }, restricted] } } },
  };
}
