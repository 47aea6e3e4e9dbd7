/** One way to break the engine on purpose: the first occurrence of `find` in `file` becomes `put`. */
export interface Break {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly put: string;
  /** Where it has to be noticed; left out: anywhere among the tests that need nothing but memory. */
  readonly tests?: readonly string[];
}
