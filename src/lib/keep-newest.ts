/** Puts an entry into a map that holds the newest `limit` entries: the ones that were put longest ago make room. */
export function keepNewest<K, V>(entries: Map<K, V>, limit: number, [key, value]: readonly [K, V]): void {
  entries.delete(key);
  entries.set(key, value);
  for (const oldest of entries.keys()) {
    if (entries.size <= limit) return;
    entries.delete(oldest);
  }
}
