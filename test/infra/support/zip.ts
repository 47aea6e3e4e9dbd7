import { inflateRawSync } from 'node:zlib';

/** Reads a zip from its end, as unpackers do. */
export function unzip(zip: Buffer): ReadonlyMap<string, Buffer> {
  const end = zip.lastIndexOf('PK\x05\x06');
  const files = new Map<string, Buffer>();
  let entry = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const length = zip.readUInt16LE(entry + 28);
    const name = zip.toString('utf8', entry + 46, entry + 46 + length);
    const body = zip.readUInt32LE(entry + 42);
    const start = body + 30 + zip.readUInt16LE(body + 26) + zip.readUInt16LE(body + 28);
    files.set(name, inflateRawSync(zip.subarray(start, start + zip.readUInt32LE(entry + 20))));
    entry += 46 + length;
  }
  return files;
}
