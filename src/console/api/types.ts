import type { components, operations } from './schema';

/** Short names of what the API takes and answers. */
type Schemas = components['schemas'];
type BodyOf<Operation> = Operation extends {
  requestBody?: { content: { 'application/json': infer Body } };
}
  ? Body
  : never;

export type Connection = Schemas['Connection'];
export type ConnectionBody = BodyOf<operations['connectionsPatch']>;
export type ConnectionTest = Schemas['ConnectionTest'];
export type Direction = Mapping['direction'];
export type Entity = Mapping['authScapeEntity'];
export type Mapping = Schemas['Mapping'];
/** A field of a draft: a new one has no id yet. */
export type Field = Omit<Schemas['FieldMapping'], 'id'> & { readonly id?: string };
export type Relationship = Schemas['RelationshipMapping'];
export type Transform = NonNullable<Field['transform']>;
export type Column = Schemas['Column'];
export type EntityField = Schemas['AuthScapeField'];
export type Run = Schemas['Run'];
export type Change = Schemas['RunChange'];
export type FieldChange = Schemas['FieldChange'];
export type LogEntry = Schemas['LogEntry'];
export type RecordResult = Schemas['RecordResults']['results'][number];
export type RecordHit = Schemas['FoundRecords']['items'][number];
export type ProblemItem = Schemas['RecordProblem'];
export type RetryBody = BodyOf<operations['problemsRetry']>;
export type ConfigurationBody = BodyOf<operations['configurationPlan']>;
export type Plan = Schemas['ConfigurationPlan'];
export type Alerts = Schemas['Alerts'];
export type Stats = Schemas['Stats'];
export type AuditEntry = Schemas['AuditEntry'];
export type RecordPage = Schemas['RecordPage'];
export type Duplicates = Schemas['DuplicateReport'];
export type WebhookView = Schemas['Webhook'];
