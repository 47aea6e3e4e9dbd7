import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { z } from 'zod';
import type { Reply } from './api.js';

const contentSchema = z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) }));
const answerSchema = z.looseObject({
  headers: z.record(z.string(), z.unknown()).optional(),
  content: contentSchema.optional(),
});
const documentSchema = z.looseObject({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        operationId: z.string(),
        responses: z.record(z.string(), z.union([z.strictObject({ $ref: z.string() }), answerSchema])),
      }),
    ),
  ),
  components: z.looseObject({
    schemas: z.record(z.string(), z.record(z.string(), z.unknown())),
    responses: z.record(z.string(), answerSchema),
  }),
});

type Document = z.infer<typeof documentSchema>;
type Operation = Document['paths'][string][string];

/** What the service says of itself in its OpenAPI document, to hold its answers against. */
export class Contract {
  readonly #document: Document;
  /** Formats come with a pattern that says the same. */
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  readonly #validators = new Map<unknown, ValidateFunction>();

  constructor(document: unknown) {
    this.#document = documentSchema.parse(document);
    const schemas = Object.entries(this.#document.components.schemas);
    this.#ajv.addSchema({
      $id: 'document:',
      components: { schemas: Object.fromEntries(schemas.map(([name, schema]) => [name, closed(schema)])) },
    });
  }

  static async of(address: string): Promise<Contract> {
    const reply = await fetch(`${address}/api/openapi.json`);
    return new Contract(await reply.json());
  }

  /** Throws when an answer is none that the document foresees. */
  check(method: string, path: string, reply: Reply): void {
    const faults = this.#faults(method, path, reply);
    if (faults.length > 0) {
      throw new Error(
        `${method} ${path} answered what the OpenAPI document does not say: ${faults.join('; ')}\n${reply.status} ${reply.text}`,
      );
    }
  }

  #faults(method: string, path: string, reply: Reply): readonly string[] {
    // The host refuses a missing key, and an address that is nowhere, by itself and without a body.
    if (reply.text === '' && [401, 404].includes(reply.status)) return [];
    const operation = this.#operation(method, `/api/${path.split('?')[0]}`);
    if (operation === undefined) return ['there is no such operation'];
    const answer = this.#answer(operation, reply.status);
    if (answer === undefined) return [`${operation.operationId} has no status ${reply.status}`];
    const missing = Object.keys(answer.headers ?? {}).filter((name) => !reply.headers.has(name));
    if (missing.length > 0) return [`header ${missing.join(', ')} is missing`];
    const [type = ''] = (reply.headers.get('content-type') ?? '').split(';');
    if (answer.content === undefined) return reply.text === '' ? [] : ['no body is foreseen'];
    const schema = answer.content[type]?.schema;
    if (schema === undefined) return [`the content type "${type}" is not foreseen`];
    const validate = this.#validator(schema);
    if (type.endsWith('json')) validate(reply.body);
    return (validate.errors ?? []).map((error) => `${error.instancePath} ${this.#ajv.errorsText([error])}`);
  }

  #answer(operation: Operation, status: number): z.infer<typeof answerSchema> | undefined {
    const answer = operation.responses[String(status)];
    if (answer === undefined || !('$ref' in answer)) return answer;
    return this.#document.components.responses[String(answer.$ref).replace('#/components/responses/', '')];
  }

  #operation(method: string, path: string): Operation | undefined {
    const segments = path.split('/');
    const fits = (template: string) => {
      const parts = template.split('/');
      return (
        parts.length === segments.length &&
        parts.every((part, index) => part.startsWith('{') || part === segments[index])
      );
    };
    return Object.entries(this.#document.paths)
      .filter(([template]) => fits(template))
      .sort(([a], [b]) => a.split('{').length - b.split('{').length)
      .map(([, methods]) => methods[method.toLowerCase()])
      .find((operation) => operation !== undefined);
  }

  #validator(schema: Readonly<Record<string, unknown>>): ValidateFunction {
    const known = this.#validators.get(schema);
    if (known !== undefined) return known;
    const text = JSON.stringify(closed(schema)).replaceAll('"#/components/', '"document:#/components/');
    const made = this.#ajv.compile(JSON.parse(text));
    this.#validators.set(schema, made);
    return made;
  }
}

/** Callers have to put up with members that are new; here each member that the document does not name is a fault. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (schema === null || typeof schema !== 'object') return schema;
  const parts = Object.entries(schema).map(([name, part]) => [name, name === 'allOf' ? part : closed(part)]);
  const whole: Record<string, unknown> = Object.fromEntries(parts);
  const isOpen = typeof whole.properties === 'object' && whole.additionalProperties === undefined;
  return isOpen ? { ...whole, additionalProperties: false } : whole;
}
