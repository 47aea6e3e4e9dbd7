import type { components } from './schema';

/** Short names of what the API answers. */
type Schemas = components['schemas'];

export type Connection = Schemas['Connection'];
export type ConnectionBody = Schemas['ConnectionBody'];
export type ConnectionTest = Schemas['ConnectionTest'];
export type Direction = Schemas['Direction'];
export type Entity = Schemas['Entity'];
export type Mapping = Schemas['Mapping'];
export type Field = Schemas['FieldBody'];
export type Relationship = Schemas['Relationship'];
export type Transform = Schemas['Transform'];
export type Column = Schemas['Column'];
export type EntityField = Schemas['EntityField'];
export type Run = Schemas['Run'];
export type Change = Schemas['Change'];
export type FieldChange = Schemas['FieldChange'];
export type LogEntry = Schemas['LogEntry'];
export type RecordResult = Schemas['RecordResult'];
export type RecordHit = Schemas['RecordHit'];
export type ProblemItem = Schemas['ProblemItem'];
export type Stats = Schemas['Stats'];
export type Plan = Schemas['Plan'];
export type AuditEntry = Schemas['AuditEntry'];
export type RecordPage = Schemas['RecordPage'];
export type Duplicates = Schemas['Duplicates'];
export type WebhookView = Schemas['Webhook'];
