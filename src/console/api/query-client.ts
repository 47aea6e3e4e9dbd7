import { MutationCache, type Query, QueryClient } from '@tanstack/react-query';
import { notifyError } from '../parts/notices';
import { ApiError } from './client';

/** What passes by itself is tried again; as long as the service does not answer at all, without end. */
function isTriedAgain(count: number, error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.status === 0 || (error.status >= 502 && count < 2);
}

interface Addressed {
  readonly params?: { readonly path?: Readonly<Record<string, unknown>> };
}

/** The parts of the path that a request names, as `{ id }`. */
export const pathOf = (request: unknown): Readonly<Record<string, unknown>> | undefined =>
  (request as Addressed | undefined)?.params?.path;

/** Whether a query reads what the request names, or something below it. */
function isWithin(query: Query, request: unknown): boolean {
  const named = pathOf(query.queryKey[2]);
  return (
    named !== undefined && Object.entries(pathOf(request) ?? {}).every(([key, value]) => named[key] === value)
  );
}

/**
 * What was deleted is read no more: not by the screen that is being left, and not by a list that still has it.
 */
async function forget(request: unknown): Promise<void> {
  queryClient.removeQueries({ type: 'inactive' });
  await queryClient.invalidateQueries({ predicate: (query) => !isWithin(query, request) });
}

export const queryClient: QueryClient = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: 'always',
      retry: isTriedAgain,
      retryDelay: (count) => Math.min(500 * 2 ** count, 5_000),
      staleTime: 2_000,
    },
    mutations: { networkMode: 'always' },
  },
  mutationCache: new MutationCache({
    // Forms that show their faults beside the fields say so.
    onError: (error, _variables, _result, mutation) => {
      if (mutation.meta?.showsErrors !== true) notifyError(error);
    },
    // What was changed may show anywhere.
    onSuccess: async (_result, request, _context, mutation) =>
      mutation.meta?.leavesScreen === true ? forget(request) : undefined,
    onSettled: (_result, error, _request, _context, mutation) =>
      error || mutation.meta?.leavesScreen === true ? undefined : queryClient.invalidateQueries(),
  }),
});
