import { z } from 'zod';

/** What the process of Azurite is told in `STACK_AZURITE`; port 0 picks a free one. */
export const azuriteConfigSchema = z.strictObject({
  directory: z.string(),
  /** Removed by this process when the stack, whose duty it is, has been killed. */
  temporaryRoot: z.string(),
  tablePort: z.int().min(0),
  queuePort: z.int().min(0),
});

export type AzuriteConfig = z.infer<typeof azuriteConfigSchema>;

/** What it answers; URLs without a trailing slash. */
export const azuriteAnswerSchema = z.object({
  connectionString: z.string(),
  tablesUrl: z.string(),
  queuesUrl: z.string(),
});

export type AzuriteAnswer = z.infer<typeof azuriteAnswerSchema>;
