import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../../stack/wire.js';
import { AskedTables, isForAsked } from './asked.js';
import { partsOf, queryOf, type TableRequest, targetOf, tokenOf, writeOf } from './requests.js';
import { type Keys, Table } from './table.js';
import { badRequest, noTable, TableError, tableExists } from './table-error.js';

export interface TableServer {
  /** Without a trailing slash. */
  readonly url: string;
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const JSON_TYPE = { 'content-type': 'application/json;odata=minimalmetadata' };

/**
 * Table Storage in memory for benchmarks of a size that Azurite does not bear: it looks at all rows for each page. It takes what
 * the product's adapter asks, through the same SDK, and no more: no signatures, no limits of size. Tests are Azurite's.
 */
export async function startTableServer({ port = 0 } = {}): Promise<TableServer> {
  const tables = new Map<string, Table>();
  const asked = new AskedTables();
  const server = createServer((message, response) => {
    void answer(tables, asked, message).then(
      (reply) => send(response, reply),
      (error: unknown) => send(response, failure(error)),
    );
  });
  const url = `http://127.0.0.1:${await listen(server, port)}/devstoreaccount1`;
  return {
    url,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  tables: Map<string, Table>,
  asked: AskedTables,
  message: IncomingMessage,
): Promise<Reply> {
  const request = await read(message);
  const { method, url } = request;
  if (isForAsked(url)) return { status: 200, headers: JSON_TYPE, body: asked.take() };
  if (url.pathname.endsWith('/Tables') && method === 'POST') return createTable(tables, request.body);
  if (url.pathname.endsWith('/$batch')) return transaction(tables, asked, request.body);
  const whole = /\/\$rows\/(\w+)$/.exec(url.pathname)?.[1];
  if (whole !== undefined) return putRows(tables, whole, request.body);
  const target = targetOf(url);
  const table = tableOf(tables, target.table);
  if (method !== 'GET') {
    note(asked, target.table, [request]);
    return single(table, request);
  }
  asked.read(target.table);
  if (target.keys === undefined) return page(table, url);
  const { etag, json } = table.get(target.keys);
  return { status: 200, headers: { ...JSON_TYPE, etag }, body: json };
}

async function read(message: IncomingMessage): Promise<TableRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return {
    method: message.method ?? 'GET',
    url: new URL(`http://127.0.0.1${message.url ?? '/'}`),
    headers: message.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function tableOf(tables: Map<string, Table>, name: string): Table {
  const table = tables.get(name);
  if (table === undefined) throw noTable();
  return table;
}

function createTable(tables: Map<string, Table>, body: string): Reply {
  const { TableName: name } = JSON.parse(body) as { TableName?: unknown };
  if (typeof name !== 'string') throw badRequest('A table needs a name.');
  if (tables.has(name)) throw tableExists();
  tables.set(name, new Table());
  return { status: 201, headers: JSON_TYPE, body: JSON.stringify({ TableName: name }) };
}

/** A way of its own to put many rows there, for what is seeded before a measurement. */
function putRows(tables: Map<string, Table>, name: string, body: string): Reply {
  const table = tables.get(name) ?? new Table();
  tables.set(name, table);
  for (const row of JSON.parse(body) as (Keys & Record<string, unknown>)[]) {
    const { partitionKey, rowKey, ...columns } = row;
    table.write({ kind: 'insert', partitionKey, rowKey, ifMatch: undefined, columns });
  }
  return { status: 204 };
}

function page(table: Table, url: URL): Reply {
  const { entities, next } = table.query(queryOf(url));
  const token =
    next === undefined
      ? {}
      : {
          'x-ms-continuation-nextpartitionkey': tokenOf(next.partitionKey),
          'x-ms-continuation-nextrowkey': tokenOf(next.rowKey),
        };
  return { status: 200, headers: { ...JSON_TYPE, ...token }, body: `{"value":[${entities.join(',')}]}` };
}

function single(table: Table, request: TableRequest): Reply {
  const write = writeOf(request, targetOf(request.url));
  table.check(write);
  const etag = table.write(write);
  return { status: 204, headers: etag === undefined ? {} : { etag } };
}

function note(asked: AskedTables, table: string, requests: readonly TableRequest[]): void {
  const onlyRemoves = requests.every(({ method }) => method === 'DELETE');
  asked[onlyRemoves ? 'removed' : 'wrote'](table, requests.length);
}

/** Checked in whole before the first write: all are of one partition, and each is about another row. */
function transaction(tables: Map<string, Table>, asked: AskedTables, body: string): Reply {
  const { changeset, requests } = partsOf(body);
  const targets = requests.map((request) => targetOf(request.url));
  const [first] = targets;
  if (first !== undefined) note(asked, first.table, requests);
  const writes = requests.map((request, at) => {
    const target = targets[at] ?? targetOf(request.url);
    return { table: tableOf(tables, target.table), write: writeOf(request, target) };
  });
  if (new Set(writes.map(({ write }) => write.partitionKey)).size > 1) {
    throw badRequest('A transaction has one partition.');
  }
  if (new Set(writes.map(({ write }) => write.rowKey)).size < writes.length) {
    throw badRequest('A transaction has each row once.');
  }
  for (const [at, { table, write }] of writes.entries()) {
    try {
      table.check(write);
    } catch (error) {
      if (!(error instanceof TableError)) throw error;
      const { code, message, status } = error;
      return changes(changeset, [partText(status, JSON_TYPE, errorJson(code, `${at}:${message}`))]);
    }
  }
  return changes(
    changeset,
    writes.map(({ table, write }) => {
      const etag = table.write(write);
      return partText(204, etag === undefined ? {} : { ETag: etag }, '');
    }),
  );
}

function changes(changeset: string, parts: readonly string[]): Reply {
  const [inner, outer] = [changeset.replace('_', 'response_'), 'batchresponse_1'];
  const head = `--${outer}\r\nContent-Type: multipart/mixed; boundary=${inner}\r\n\r\n`;
  const body = parts.map((text) => `--${inner}\r\n${text}\r\n`).join('');
  return {
    status: 202,
    headers: { 'content-type': `multipart/mixed; boundary=${outer}` },
    body: `${head}${body}--${inner}--\r\n--${outer}--\r\n`,
  };
}

function partText(status: number, headers: Readonly<Record<string, string>>, body: string): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nHTTP/1.1 ${status} Answer\r\n${lines.join('')}\r\n${body}`;
}

const errorJson = (code: string, value: string) =>
  JSON.stringify({ 'odata.error': { code, message: { lang: 'en-US', value } } });

function failure(error: unknown): Reply {
  const known =
    error instanceof TableError ? error : new TableError(500, 'InternalError', `Failed: ${String(error)}`);
  const headers = { ...JSON_TYPE, 'x-ms-error-code': known.code };
  return { status: known.status, headers, body: errorJson(known.code, known.message) };
}

function send(response: ServerResponse, { body, headers, status }: Reply): void {
  const bytes = body === undefined ? undefined : Buffer.from(body);
  response.writeHead(status, {
    ...headers,
    ...(bytes === undefined ? {} : { 'content-length': bytes.length }),
    'x-ms-version': '2019-02-02',
  });
  response.end(bytes);
}
