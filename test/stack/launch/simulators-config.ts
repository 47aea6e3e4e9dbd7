import { z } from 'zod';

const port = z.int().min(0).max(65_535);
const application = z.strictObject({ tenantId: z.string(), clientId: z.string(), clientSecret: z.string() });
const machineClient = z.strictObject({ clientId: z.string(), clientSecret: z.string() });

/** What the process of the simulators is told in `STACK_SIMULATORS`. */
export const simulatorsConfigSchema = z.strictObject({
  ports: z.strictObject({ dataverse: port, authScape: port, identity: port }),
  environment: z.string(),
  credentials: application,
  editor: application,
  authScape: z.strictObject({ product: machineClient, editor: machineClient }),
  /** Where people sign in, and who they are. */
  application: z.strictObject({
    clientId: z.string(),
    people: z.array(z.strictObject({ name: z.string(), password: z.string(), roles: z.array(z.string()) })),
  }),
  managedIdentity: z.strictObject({ clientId: z.string(), header: z.string() }),
});

export type SimulatorsConfig = z.infer<typeof simulatorsConfigSchema>;

/** What it answers: base URLs, and the PEM text of the certificate that the identity simulator shows. */
export const simulatorsAnswerSchema = z.object({
  dataverse: z.string(),
  authScape: z.string(),
  identity: z.string(),
  certificate: z.string(),
});

export type SimulatorsAnswer = z.infer<typeof simulatorsAnswerSchema>;
