/** Shares one promise among all callers; a failure is forgotten, so that the next caller tries again. */
export function onceUntilItFails<T>(work: () => Promise<T>): () => Promise<T> {
  let started: Promise<T> | undefined;
  return () => {
    started ??= work().catch((error: unknown) => {
      started = undefined;
      throw error;
    });
    return started;
  };
}
