/** The end of a request by a clock, whichever of the libraries' it was. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && /^(AbortError|TimeoutError)$/.test(error.name);
}
