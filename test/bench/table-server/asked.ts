import { z } from 'zod';

const askedSchema = z.array(
  z.object({
    table: z.string(),
    reads: z.number(),
    writes: z.number(),
    writtenRows: z.number(),
    removals: z.number(),
    removedRows: z.number(),
  }),
);
/** What was asked of one table: requests, and the rows that those wrote; what does nothing but remove is apart. */
export type Asked = z.infer<typeof askedSchema>[number];

const PATH = '/$asked';

/** What a server was asked, by table, since it was told last. */
export class AskedTables {
  readonly #tables = new Map<string, Asked>();

  read(table: string): void {
    const asked = this.#of(table);
    this.#tables.set(table, { ...asked, reads: asked.reads + 1 });
  }

  wrote(table: string, rows: number): void {
    const asked = this.#of(table);
    this.#tables.set(table, {
      ...asked,
      writes: asked.writes + 1,
      writtenRows: asked.writtenRows + rows,
    });
  }

  removed(table: string, rows: number): void {
    const asked = this.#of(table);
    this.#tables.set(table, {
      ...asked,
      removals: asked.removals + 1,
      removedRows: asked.removedRows + rows,
    });
  }

  take(): string {
    const requests = ({ reads, removals, writes }: Asked) => reads + removals + writes;
    const all = [...this.#tables.values()].sort((a, b) => requests(b) - requests(a));
    this.#tables.clear();
    return JSON.stringify(all);
  }

  #of(table: string): Asked {
    const nothing = { reads: 0, writes: 0, writtenRows: 0, removals: 0, removedRows: 0 };
    return this.#tables.get(table) ?? { table, ...nothing };
  }
}

export function isForAsked({ pathname }: URL): boolean {
  return pathname.endsWith(PATH);
}

/** Asks the server of tables at this address what it was asked since the last time. */
export async function takeAsked(url: string): Promise<readonly Asked[]> {
  const reply = await fetch(url + PATH);
  return askedSchema.parse(await reply.json());
}
