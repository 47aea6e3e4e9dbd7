/** The real host ends when storage has refused connections for a while: the platform starts it again. */
export interface StorageWatch {
  answered(): void;
  failed(error: unknown): void;
}

const isRefusal = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === 'ECONNREFUSED';

/** Calls `onLost` once, when connections have been refused for `limitMs` without an answer in between. */
export const createStorageWatch = (limitMs: number, onLost: () => void): StorageWatch => {
  let since: number | undefined;
  let isLost = false;
  return {
    answered: () => {
      since = undefined;
    },
    failed: (error) => {
      // Any other failure is an answer, or a timeout, which the real host bears.
      since = isRefusal(error) ? (since ?? Date.now()) : undefined;
      if (isLost || since === undefined || Date.now() - since < limitMs) return;
      isLost = true;
      onLost();
    },
  };
};
