/**
 * Writes the types of the API's client (openapi-typescript), from the document that the service answers at
 * /api/openapi.json. Run by `npm run generate:client`; without a file they are those of the console.
 */
import { writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { openApiDocument } from '../src/functions/routes/document.ts';
import { allRoutes } from '../src/functions/routes/table.ts';

/** openapi-typescript builds its text with TypeScript 5, whose interface TypeScript 7 does not have any more. */
const useTypeScript5 = `export const resolve = (name, context, next) =>
  next(name === 'typescript' ? 'typescript-5' : name, context);`;
register(`data:text/javascript,${encodeURIComponent(useTypeScript5)}`);
const { astToString, default: openapiTS } = await import('openapi-typescript');

const file = process.argv[2] ?? new URL('../src/console/api/schema.d.ts', import.meta.url);
const document = JSON.parse(JSON.stringify(openApiDocument(allRoutes(), '')));
const types = astToString(await openapiTS(document, { defaultNonNullable: false }));
writeFileSync(file, `/** Made from the OpenAPI document by \`npm run generate:client\`. */\n${types}`);
