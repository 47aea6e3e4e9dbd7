import createClient from 'openapi-fetch';
import type { components, paths } from '../../../src/console/api/schema.js';

type Run = components['schemas']['Run'];

/** What a program does that calls the API by its generated types: starts a dry run and follows it to its end. */
export async function dryRun(baseUrl: string, key: string, id: string): Promise<Run> {
  const client = createClient<paths>({ baseUrl, headers: { 'x-functions-key': key } });
  const started = await client.POST('/api/connections/{id}/sync', {
    params: { path: { id } },
    body: { mode: 'full', dryRun: true },
  });
  if (started.data === undefined) throw new Error(started.error.code);
  for (;;) {
    const { data, error } = await client.GET('/api/runs/{runId}', {
      params: { path: { runId: started.data.id } },
    });
    if (data === undefined)
      throw new Error(`${error.code satisfies components['schemas']['Problem']['code']}`);
    if (data.finishedAt !== null) return data;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/**
 * What the types refuse.
 * @public Only the compiler reads it.
 */
export async function misuse(): Promise<void> {
  const client = createClient<paths>({ baseUrl: 'https://app.example' });
  // @ts-expect-error there is no such route
  await client.GET('/api/nothing');
  // @ts-expect-error the path needs an id
  await client.GET('/api/connections/{id}', { params: { path: {} } });
  const params = { path: { id: 'c_1' } };
  // @ts-expect-error no such mode
  await client.POST('/api/connections/{id}/sync', { params, body: { mode: 'partial' } });
  const { data } = await client.GET('/api/connections/{id}', { params });
  // @ts-expect-error secrets never come back
  data?.clientSecret;
}
