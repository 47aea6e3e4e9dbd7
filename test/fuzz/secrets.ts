import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { allMessages, allRows } from '../journeys/support/storage-scan.js';
import type { Stack } from '../stack/launch/stack.js';

/** A secret in the forms in which it could be written down. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  // Base64 takes three bytes at once: what stands before moves the border.
  const base64 = [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before, 'x'), bytes]).toString('base64');
    const inner = whole
      .slice(before === 0 ? 0 : 4)
      .replace(/=+$/, '')
      .slice(0, -2);
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
  const units = [...secret].map((sign) => sign.charCodeAt(0).toString(16).padStart(4, '0'));
  return [
    ...[secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)],
    ...[bytes.toString('hex'), bytes.toString('hex').toUpperCase(), ...base64],
    bytes.toString('hex').replace(/../g, '%$&'),
    units.map((unit) => `\\u${unit}`).join(''),
    secret.split('').reverse().join(''),
  ];
}

/** Where one of the secrets stands, by the words of `what`; the forms are those of `formsOf`. */
export function findIn(what: string, text: string, secrets: readonly string[]): string[] {
  return secrets
    .filter((secret) => formsOf(secret).some((form) => text.includes(form)))
    .map((secret) => `${what} holds ${secret.slice(0, 12)}…`);
}

/** Looks through all rows, messages that wait and logs of a stack. */
export async function searchStores({ info, logFiles }: Stack, secrets: readonly string[]): Promise<string[]> {
  const rows = (await allRows(info)).map((row) => `${row} ${unpacked(row)}`);
  const messages = await allMessages(info);
  const logs = [logFiles.functions, logFiles.azurite].map((file) => readFileSync(file, 'utf8'));
  return [
    ...rows.flatMap((row) => findIn(`A row of ${row.slice(0, 30)}`, row, secrets)),
    ...messages.flatMap((message) => findIn(`A message of ${message.slice(0, 20)}`, message, secrets)),
    ...logs.flatMap((log) => findIn('A log', log, secrets)),
  ];
}

/** Large values are stored packed, over several columns. */
function unpacked(row: string): string {
  const columns = Object.values(JSON.parse(row.slice(row.indexOf('{'))) as Record<string, unknown>).map(
    String,
  );
  const start = columns.findIndex((column) => column.startsWith('deflate:'));
  if (start < 0) return '';
  const packed = columns.slice(start).join('').replace('deflate:', '');
  return inflateRawSync(Buffer.from(packed, 'base64'), { finishFlush: 2 }).toString('utf8');
}
