/**
 * The facts of a run as its row keeps them: texts under `{fact}` or `{fact}.{mapping id or side}`. Earlier versions read
 * and write the same names and texts.
 */
import { z } from 'zod';
import type { RunFacts } from '../../domain/run-facts.js';
import { jsonText, parseStored } from './json-columns.js';

export type FactTexts = Readonly<Record<string, string>>;

const flag = z.codec(z.enum(['true', 'false']), z.boolean(), {
  decode: (text) => text === 'true',
  encode: (value) => (value ? 'true' : 'false'),
});

const number = z.codec(z.string().min(1), z.number(), { decode: Number, encode: String });

const textOrNull = z.codec(z.string(), z.string().nullable(), {
  decode: (text) => (text === '' ? null : text),
  encode: (value) => value ?? '',
});

const strings = z.array(z.string()).readonly();

const OF_RUN = z
  .object({
    mappings: jsonText(strings),
    versions: jsonText(z.array(z.number()).readonly()),
    failures: number,
    held: flag,
    undecided: flag,
    scan: jsonText(
      z.object({
        mapping: z.number(),
        position: z.string().nullable(),
        ended: z
          .record(
            z.string(),
            z.object({ scanComplete: z.boolean(), scannedFrom: z.number(), unlisted: strings }).partial(),
          )
          .optional(),
      }),
    ),
    missedAt: number,
  })
  .partial();

const OF_MAPPING = z
  .object({
    fullRead: flag,
    delta: jsonText(
      z.object({ deltaLink: z.string().nullable(), columns: strings, readFrom: z.number().optional() }),
    ),
    scanComplete: flag,
    scannedFrom: number,
    unlisted: jsonText(strings),
    changed: number,
    candidates: number,
    linked: number,
    sampled: number,
  })
  .partial();

const OF_SIDE = z.object({ suspected: flag, failing: textOrNull }).partial();

const FACTS = OF_RUN.extend({
  ofMapping: z.record(z.string(), OF_MAPPING),
  ofSide: z.object({ authScape: OF_SIDE, dynamics: OF_SIDE }).partial(),
  further: z.record(z.string(), z.string()),
}).partial();

/** Throws `internal_error` where a text does not say what its fact can be. */
export function readFacts(texts: FactTexts): RunFacts {
  return parseStored('run', FACTS, nested(texts));
}

export function factTexts(facts: RunFacts): FactTexts {
  const { ofMapping = {}, ofSide = {}, further = {}, ...ofRun } = z.encode(FACTS, facts);
  const named: [string, string | undefined][] = [...Object.entries(ofRun), ...Object.entries(further)];
  for (const [of, group] of [...Object.entries(ofMapping), ...Object.entries(ofSide)]) {
    for (const [fact, text] of Object.entries(group ?? {})) named.push([`${fact}.${of}`, text]);
  }
  return Object.fromEntries(named.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])));
}

type Groups = Readonly<Record<string, FactTexts>>;

/** The texts by what they are about. */
function nested(texts: FactTexts) {
  let ofRun: FactTexts = {};
  let ofMapping: Groups | undefined;
  let ofSide: Groups | undefined;
  let further: FactTexts | undefined;
  const added = (groups: Groups | undefined, of: string, text: FactTexts): Groups => ({
    ...groups,
    [of]: { ...groups?.[of], ...text },
  });
  for (const [name, text] of Object.entries(texts)) {
    const [, fact = name, of] = /^([^.]*)\.(.+)$/.exec(name) ?? [];
    if (of === undefined && fact in OF_RUN.shape) ofRun = { ...ofRun, [fact]: text };
    else if (of !== undefined && fact in OF_MAPPING.shape) ofMapping = added(ofMapping, of, { [fact]: text });
    else if (of !== undefined && fact in OF_SIDE.shape) ofSide = added(ofSide, of, { [fact]: text });
    else further = { ...further, [name]: text };
  }
  return { ...ofRun, ofMapping, ofSide, further };
}
