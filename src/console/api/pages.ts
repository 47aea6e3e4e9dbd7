import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query';

interface Page {
  readonly nextCursor?: string | undefined;
}

interface PagesOptions<P extends Page> {
  readonly queryKey: QueryKey;
  /** Reads one page; the first has no cursor. */
  readonly load: (cursor: { readonly cursor?: string }) => Promise<{ readonly data?: P | undefined }>;
  readonly refetchInterval: number | (() => number);
}

/** A list of which more and more pages are shown below one another. */
export function usePages<P extends Page>({ queryKey, load, refetchInterval }: PagesOptions<P>) {
  return useInfiniteQuery({
    queryKey,
    queryFn: async ({ pageParam }) => {
      const { data } = await load(pageParam === undefined ? {} : { cursor: pageParam });
      if (data === undefined) throw new Error('The service answered without a list.');
      return data;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval,
  });
}
