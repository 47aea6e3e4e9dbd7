import { MutationCache, QueryClient } from '@tanstack/react-query';
import { notifyError } from '../parts/notices';
import { ApiError } from './client';

/** What passes by itself is tried again; as long as the service does not answer at all, without end. */
function isTriedAgain(count: number, error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.status === 0 || (error.status >= 502 && count < 2);
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
    // What was changed may show anywhere. A screen of what was deleted may still be there: it asks for nothing any more.
    onSettled: (_result, error, _variables, _onMutate, mutation) =>
      error || mutation.meta?.leavesScreen === true ? undefined : queryClient.invalidateQueries(),
  }),
});
