interface Cursored {
  readonly nextCursor?: string | undefined;
}

/** All pages of a list, one after the other; the next one is read when the caller is done with this one. */
export async function* pagesOf<P extends Cursored>(
  read: (cursor: string | undefined) => Promise<P>,
): AsyncGenerator<P, void> {
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    yield page;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}
