import createClient, { type Middleware } from 'openapi-fetch';
import createQueries from 'openapi-react-query';
import type { components, paths } from './schema';
import { currentCredentials, endSession, headersOf } from './session';

export type Problem = components['schemas']['Problem'];

/** What the service answered instead of a result; status 0: it did not answer. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Partial<Problem>;

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? 'The service answered with an error.');
    this.status = status;
    this.problem = problem;
  }
}

async function errorOf(response: Response): Promise<ApiError> {
  try {
    return new ApiError(response.status, (await response.json()) as Partial<Problem>);
  } catch {
    // The platform itself answers without a body.
    return new ApiError(response.status, {
      detail:
        response.status === 401 ? 'The key was not accepted.' : `The service answered ${response.status}.`,
    });
  }
}

const signed: Middleware = {
  async onRequest({ request }) {
    for (const [name, value] of Object.entries(headersOf(currentCredentials()))) {
      request.headers.set(name, value);
    }
    return request;
  },
  async onResponse({ request, response }) {
    if (response.ok) return response;
    if (response.status === 401) endSession(usedFor(request));
    throw await errorOf(response);
  },
  onError() {
    return new ApiError(0, {
      detail: 'The service does not answer.',
      hint: 'Is the network there, and is the function app running? The page tries again by itself.',
    });
  },
};

/** A late refusal of an older key must not end a session that a newer one has begun. */
function usedFor(request: Request) {
  const present = currentCredentials();
  const same = Object.entries(headersOf(present)).every(
    ([name, value]) => request.headers.get(name) === value,
  );
  return same ? present : null;
}

export const client = createClient<paths, 'application/json'>({ baseUrl: location.origin });
client.use(signed);

/** Queries and mutations over the client; keys are the routes with their parameters. */
export const api = createQueries(client);

/** All changes of a run as one file, as long as the service takes to write it. */
export async function downloadChanges(runId: string): Promise<Blob> {
  const response = await fetch(`/api/runs/${encodeURIComponent(runId)}/changes`, {
    headers: { accept: 'text/csv', ...headersOf(currentCredentials()) },
  });
  if (!response.ok) throw await errorOf(response);
  return response.blob();
}

/** Throws unless the service takes the key. */
export async function checkKey(key: string): Promise<void> {
  const response = await fetch('/api/connections?limit=1', { headers: { 'x-functions-key': key } });
  if (!response.ok) throw await errorOf(response);
}
