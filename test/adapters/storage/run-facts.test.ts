import { describe, expect, it } from 'vitest';
import { factTexts, readFacts } from '../../../src/adapters/storage/run-facts.js';
import type { RunFacts } from '../../../src/domain/run-facts.js';
import { recordedJson } from './recorded.js';

const TEXTS = {
  mappings: '["m_1","m_2"]',
  versions: '[3,1]',
  failures: '2',
  held: 'false',
  undecided: 'true',
  scan: '{"mapping":1,"position":"{\\"next\\":null}","ended":{"m_1":{"scanComplete":true,"scannedFrom":5,"unlisted":["7:3"]}}}',
  missedAt: '1795719985063',
  'fullRead.m_1': 'false',
  'scanComplete.m_1': 'true',
  'scannedFrom.m_1': '1795719985063',
  'unlisted.m_1': '["7:3"]',
  'delta.m_1': '{"deltaLink":"https://contoso/?$deltatoken=1","columns":["name"],"readFrom":5}',
  'sampled.m_2': '4',
  'suspected.dynamics': 'true',
  'failing.authScape': '',
  'failing.dynamics': 'Dynamics refuses everything.',
};

const FACTS: RunFacts = {
  mappings: ['m_1', 'm_2'],
  versions: [3, 1],
  failures: 2,
  held: false,
  undecided: true,
  scan: {
    mapping: 1,
    position: '{"next":null}',
    ended: { m_1: { scanComplete: true, scannedFrom: 5, unlisted: ['7:3'] } },
  },
  missedAt: 1795719985063,
  ofMapping: {
    m_1: {
      fullRead: false,
      scanComplete: true,
      scannedFrom: 1795719985063,
      unlisted: ['7:3'],
      delta: { deltaLink: 'https://contoso/?$deltatoken=1', columns: ['name'], readFrom: 5 },
    },
    m_2: { sampled: 4 },
  },
  ofSide: {
    authScape: { failing: null },
    dynamics: { suspected: true, failing: 'Dynamics refuses everything.' },
  },
};

describe('the facts of a run', () => {
  it('are stored as texts, as in the versions before', () => {
    expect(factTexts(FACTS)).toEqual(TEXTS);
    expect(readFacts(TEXTS)).toEqual(FACTS);
  });

  it('that were never noted are absent', () => {
    expect(readFacts({})).toEqual({});
    expect(factTexts({ ofMapping: {}, ofSide: {} })).toEqual({});
  });

  it('of a run that an earlier version began are read and stored unchanged', () => {
    const { facts } = recordedJson<{ cursor: { facts: Record<string, string> } }>('run').cursor;
    expect(Object.keys(facts)).toHaveLength(9);
    expect(factTexts(readFacts(facts))).toEqual(facts);
    expect(readFacts(facts).ofMapping?.m_q5tck3wxsf).toMatchObject({
      fullRead: false,
      scanComplete: true,
      delta: { columns: ['name', 'description', 'statecode'] },
    });
  });

  it('of a later version stay with the run', () => {
    const texts = { 'pace.m_1': '7', counted: 'x', failures: '0' };
    expect(readFacts(texts)).toEqual({ failures: 0, further: { 'pace.m_1': '7', counted: 'x' } });
    expect(factTexts(readFacts(texts))).toEqual(texts);
  });

  it.each([{ failures: 'many' }, { held: 'maybe' }, { mappings: '[1]' }, { 'delta.m_1': '{' }])(
    'that no version has written are refused: %j',
    (texts) => {
      expect(() => readFacts(texts)).toThrow('A stored run is not readable');
    },
  );
});

describe('the first state of a run', () => {
  it('is the same when it is read again, to the letter', () => {
    const cursor = { unit: 0, mappingIndex: 0, position: null, repeated: false, facts: {} };
    expect(JSON.stringify({ ...cursor, facts: readFacts(factTexts(cursor.facts)) })).toBe(
      JSON.stringify(cursor),
    );
  });
});
