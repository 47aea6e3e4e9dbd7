import { z } from 'zod';
import { bridgeError } from './faults.js';

/** Shapes of Dataverse's answers, as far as they are used; unknown members are ignored. */

export type RawRow = Readonly<Record<string, unknown>>;

const link = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);

/** `{}`: an answer of the change feed without rows and links. */
export const emptyAnswer = z.strictObject({ '@odata.context': z.string().optional() });

export const pageSchema = z.object({
  value: z.array(z.custom<RawRow>((item) => typeof item === 'object' && item !== null)),
  '@odata.nextLink': link,
  '@odata.deltaLink': link,
});

export const rowSchema = z.record(z.string(), z.unknown());

const guid = z.guid();

export const whoAmISchema = z.object({ OrganizationId: guid, UserId: guid });

const label = z
  .object({
    UserLocalizedLabel: z.object({ Label: z.string().nullish() }).nullish(),
    LocalizedLabels: z.array(z.object({ Label: z.string().nullish() })).nullish(),
  })
  .nullish();
export type RawLabel = z.infer<typeof label>;

const named = z.object({ Value: z.string().nullish() }).nullish();

export const tableSchema = z.object({
  LogicalName: z.string(),
  EntitySetName: z.string().nullish(),
  PrimaryIdAttribute: z.string().nullish(),
  PrimaryNameAttribute: z.string().nullish(),
  ChangeTrackingEnabled: z.boolean().nullish(),
  IsOptimisticConcurrencyEnabled: z.boolean().nullish(),
  DisplayName: label,
});
export type RawTable = z.infer<typeof tableSchema>;

export const attributeSchema = z.object({
  LogicalName: z.string(),
  AttributeType: z.string().nullish(),
  AttributeTypeName: named,
  AttributeOf: z.string().nullish(),
  RequiredLevel: named,
  IsValidForCreate: z.boolean().nullish(),
  IsValidForUpdate: z.boolean().nullish(),
  IsValidForRead: z.boolean().nullish(),
  IsSecured: z.boolean().nullish(),
  DisplayName: label,
});
export type RawAttribute = z.infer<typeof attributeSchema>;

const option = z.object({
  Value: z.number(),
  Label: label,
  State: z.number().nullish(),
});
const options = z.object({ Options: z.array(option).nullish() }).nullish();

/** What the typed reads of a table's columns add; each column has only the members of its type. */
export const detailSchema = z.object({
  LogicalName: z.string(),
  MaxLength: z.number().nullish(),
  FormatName: named,
  Format: z.string().nullish(),
  DateTimeBehavior: named,
  MinValue: z.number().nullish(),
  MaxValue: z.number().nullish(),
  Precision: z.number().nullish(),
  OptionSet: options,
  GlobalOptionSet: options,
  Targets: z.array(z.string()).nullish(),
});
export type RawDetail = z.infer<typeof detailSchema>;

export const navigationSchema = z.object({
  ReferencingAttribute: z.string(),
  ReferencedEntity: z.string(),
  ReferencingEntityNavigationPropertyName: z.string().nullish(),
});
export type RawNavigation = z.infer<typeof navigationSchema>;

/** Checks a 2xx body; an answer of another shape is a fault of the whole system. */
export function parse<T>(schema: z.ZodType<T>, body: unknown, what: string): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw bridgeError('dynamics_error', `Dynamics answered with an unexpected form of ${what}.`);
}

export function labelText(value: RawLabel): string | null {
  return value?.UserLocalizedLabel?.Label ?? value?.LocalizedLabels?.[0]?.Label ?? null;
}
