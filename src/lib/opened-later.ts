/**
 * Makes functions of a thing that is opened with the first call of one of them: `later((thing) => thing.act)` is called as
 * `act` is, and rejects as `open` does.
 */
export const openedLater =
  <T>(open: () => Promise<T>) =>
  <A extends readonly unknown[], R>(of: (thing: T) => (...given: A) => Promise<R>) =>
  async (...given: A): Promise<R> =>
    of(await open())(...given);
