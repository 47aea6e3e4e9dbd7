/**
 * Records that a run found unchanged, packed into one row: `side`, and in `seen`, `seen1`, … the deflated text of ids,
 * hashes of keys and states, a record a line, as base64. About 20 bytes a record, so that a unit of 5,000 records fits.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { SeenPart, SeenRecord } from '../../application/ports/staging.js';
import { checkVersion, fromJsonColumns, jsonColumns, textColumn } from './json-columns.js';
import { decodeKey } from './keys.js';
import type { Row } from './table.js';

export function packSeen({ side, records }: SeenPart): Record<string, string> {
  const lines = records.map(
    ({ authScapeId, keyHash, active, changed }) =>
      `${encodeURIComponent(authScapeId)} ${keyHash ?? ''} ${active ? 1 : 0}${changed ? 'x' : ''}`,
  );
  const packed = deflateRawSync(Buffer.from(lines.join('\n'), 'utf8')).toString('base64');
  return { side, ...jsonColumns('seen', packed) };
}

export function unpackSeen(row: Row): SeenPart {
  checkVersion(row);
  const packed = fromJsonColumns<string>(row, 'seen');
  const lines = inflateRawSync(Buffer.from(packed, 'base64')).toString('utf8').split('\n');
  return {
    side: textColumn(row, 'side') === 'authScape' ? 'authScape' : 'dynamics',
    part: decodeKey(row.rowKey),
    records: lines.map((line): SeenRecord => {
      const [id = '', hash = '', state = ''] = line.split(' ');
      return {
        authScapeId: decodeURIComponent(id),
        keyHash: hash === '' ? null : hash,
        active: state.startsWith('1'),
        changed: state.endsWith('x'),
      };
    }),
  };
}
