import { BATCH_BREAKS } from './batch-breaks.js';
import type { Break } from './break.js';
import { EVENT_BREAKS } from './event-breaks.js';
import { GOVERNOR_BREAKS } from './governor-breaks.js';
import { IDENTITY_BREAKS } from './identity-breaks.js';
import { LANE_BREAKS } from './lane-breaks.js';
import { MAPPING_BREAKS } from './mapping-breaks.js';
import { MERGE_BREAKS } from './merge-breaks.js';
import { PART_BREAKS } from './part-breaks.js';
import { READING_BREAKS } from './reading-breaks.js';
import { REFUSAL_BREAKS } from './refusal-breaks.js';
import { RUN_BREAKS } from './run-breaks.js';
import { WRITE_BREAKS } from './write-breaks.js';

/** Every rule that protects a value, broken one at a time; some test has to notice each. */
export const BREAKS: readonly Break[] = [
  ...MERGE_BREAKS,
  ...WRITE_BREAKS,
  ...RUN_BREAKS,
  ...READING_BREAKS,
  ...IDENTITY_BREAKS,
  ...MAPPING_BREAKS,
  ...REFUSAL_BREAKS,
  ...BATCH_BREAKS,
  ...PART_BREAKS,
  ...LANE_BREAKS,
  ...GOVERNOR_BREAKS,
  ...EVENT_BREAKS,
];
