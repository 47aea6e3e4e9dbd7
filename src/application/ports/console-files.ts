/** A file of the console as it is, and compressed. */
export interface ConsoleFile {
  readonly content: Buffer;
  readonly gzipped: Buffer;
}

/** A file by its path below the console, as in `assets/index.js`; undefined when there is none. */
export type ConsoleFiles = (path: string) => ConsoleFile | undefined;
