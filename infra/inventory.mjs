/**
 * Lists what the build has put into the bundle: the notices with the licences of all packages in it, and a software bill of
 * materials (CycloneDX). Part of `npm run build`; equal input gives equal bytes.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const root = new URL('..', import.meta.url);
const metafile = new URL('dist/meta.json', root);
const read = (path) => JSON.parse(readFileSync(new URL(path, root), 'utf8'));

const project = read('package.json');
const locked = read('package-lock.json').packages;
const inBundle = Object.values(JSON.parse(readFileSync(metafile, 'utf8')).outputs).flatMap(({ inputs }) =>
  Object.keys(inputs),
);
const folders = [...new Set(inBundle.map(packageFolder).filter((folder) => folder !== undefined))];
const packages = folders
  .map((folder) => ({ folder, ...read(`${folder}/package.json`) }))
  .sort((one, other) => `${one.name}@${one.version}`.localeCompare(`${other.name}@${other.version}`, 'en'));

writeFileSync(new URL('dist/NOTICES.txt', root), notices());
writeFileSync(new URL('dist/sbom.cdx.json', root), `${JSON.stringify(billOfMaterials(), null, 2)}\n`);
rmSync(metafile);

/** The folder of the package that a source file belongs to; undefined for those of this project. */
function packageFolder(source) {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(source)?.[0];
}

function notices() {
  const texts = packages.map(({ folder, name, version, license, author }) => {
    const files = readdirSync(new URL(folder, root)).filter((file) =>
      /^(licen[cs]e|copying|notice)/i.test(file),
    );
    if (typeof license !== 'string') throw new Error(`${name} does not say what its licence is.`);
    const content = files
      .sort()
      .map((file) => readFileSync(new URL(`${folder}/${file}`, root), 'utf8').trim());
    const holder = author?.name ?? author ?? 'its contributors';
    const declared = `Copyright ${holder}. The package declares its licence without its text.`;
    return [`${name} ${version} (${license})`, ...(files.length > 0 ? content : [declared])].join('\n\n');
  });
  const rule = `\n\n${'-'.repeat(80)}\n\n`;
  return `${[`${project.name} contains these packages.`, ...texts].join(rule)}\n`;
}

function billOfMaterials() {
  const references = new Map(packages.map((each) => [each.name, purl(each)]));
  const dependsOn = (dependencies = {}) =>
    Object.keys(dependencies)
      .filter((name) => references.has(name))
      .map((name) => references.get(name))
      .sort();
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': project.name,
        name: project.name,
        version: project.version,
        licenses: [{ license: { id: project.license } }],
      },
    },
    components: packages.map((each) => ({
      type: 'library',
      'bom-ref': purl(each),
      name: each.name,
      version: each.version,
      licenses: [
        /^[\w.-]+$/.test(each.license) ? { license: { id: each.license } } : { expression: each.license },
      ],
      hashes: [hashOf(locked[each.folder].integrity)],
      purl: purl(each),
    })),
    dependencies: [
      { ref: project.name, dependsOn: dependsOn(project.dependencies) },
      ...packages.map((each) => ({ ref: purl(each), dependsOn: dependsOn(each.dependencies) })),
    ],
  };
}

function purl({ name, version }) {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** The digest that the lock file has of the package. */
function hashOf(integrity) {
  const [algorithm, digest] = integrity.split('-');
  return {
    alg: algorithm.toUpperCase().replace('SHA', 'SHA-'),
    content: Buffer.from(digest, 'base64').toString('hex'),
  };
}
