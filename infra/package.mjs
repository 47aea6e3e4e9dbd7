/**
 * Packs what runs in Azure into one zip.
 *
 * That is the bundle with its parts, the licences of what is in them, the console, host.json and package.json; nothing is installed
 * or built over there. A bill of materials (CycloneDX) is written beside it. The version is written into the package's
 * package.json, so that GET /api/health tells which package runs. Equal input gives equal bytes.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32, deflateRawSync } from 'node:zlib';

const USAGE = `Usage: node infra/package.mjs <file.zip> [version]

Packs the built app (npm run build) with host.json and package.json, and writes its bill of materials, <file>.cdx.json,
beside it. Without a version it is that of package.json.`;

const root = new URL('..', import.meta.url);
const { file, version } = readArguments(process.argv.slice(2));

const description = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
const { name, type, main } = description;
const entries = [
  { path: 'host.json', content: readFileSync(new URL('host.json', root)) },
  {
    path: 'package.json',
    content: Buffer.from(
      `${JSON.stringify({ name, version: version ?? description.version, private: true, type, main }, null, 2)}\n`,
    ),
  },
  ...bundleFiles().map((path) => ({ path, content: readFileSync(new URL(path, root)) })),
  { path: 'dist/NOTICES.txt', content: readFileSync(new URL('dist/NOTICES.txt', root)) },
  ...consoleFiles().map((path) => ({ path, content: readFileSync(new URL(path, root)) })),
];
writeFileSync(file, zip(entries));
const materials = JSON.parse(readFileSync(new URL('dist/sbom.cdx.json', root), 'utf8'));
materials.metadata.component.version = version ?? description.version;
writeFileSync(file.replace(/(\.zip)?$/, '.cdx.json'), `${JSON.stringify(materials, null, 2)}\n`);

function readArguments(given) {
  if (given.includes('--help')) end(0, USAGE);
  const [file, version] = given;
  if (file === undefined || given.length > 2 || given.some((argument) => argument.startsWith('-')))
    end(2, USAGE);
  if (!existsSync(new URL('dist/main.js', root)))
    end(1, 'There is no dist/main.js: run npm run build first.');
  return { file, version };
}

function end(code, text) {
  (code === 0 ? process.stdout : process.stderr).write(`${text}\n`);
  process.exit(code);
}

/** What the host loads and the parts that it loads from there. */
function bundleFiles() {
  return readdirSync(new URL('dist/', root))
    .filter((name) => name.endsWith('.js'))
    .map((name) => `dist/${name}`)
    .sort();
}

/** In the order of their names, which differs between file systems. */
function consoleFiles() {
  return readdirSync(new URL('dist/console/', root), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => relative(fileURLToPath(root), join(parentPath, name)).split(sep).join('/'))
    .sort();
}

/** A zip of deflated files with fixed times, by the layout in "APPNOTE.TXT - .ZIP File Format Specification". */
function zip(files) {
  const bodies = [];
  const directory = [];
  let offset = 0;
  for (const { path, content } of files) {
    const packed = deflateRawSync(content, { level: 9 });
    const pathBytes = Buffer.from(path);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0); // version 2.0 of the format is needed to read it
    common.writeUInt16LE(8, 4); // deflated
    common.writeUInt16LE(0x0021, 8); // 1 January 1980
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(pathBytes.length, 22);
    const body = Buffer.concat([Buffer.from('PK\x03\x04'), common, pathBytes, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((0o100644 << 16) >>> 0, 6); // a plain file that everybody may read
    rest.writeUInt32LE(offset, 10);
    const madeOnUnix = Buffer.from([20, 3]);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02'), madeOnUnix, common, rest, pathBytes]));
    bodies.push(body);
    offset += body.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, list, Buffer.from('PK\x05\x06'), end]);
}
