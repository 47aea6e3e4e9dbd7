import { useState } from 'react';

const HURRY_MS = 15_000;

/** How often a list is read again: each second for a while after a person started something, else each `usualMs`. */
export function usePace(usualMs: number) {
  const [until, setUntil] = useState(0);
  return {
    interval: () => (Date.now() < until ? 1_000 : usualMs),
    hurry: () => setUntil(Date.now() + HURRY_MS),
  };
}
