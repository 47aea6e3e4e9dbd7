import { startAuthScapeSim } from './authscape/authscape-sim.js';
import { startDataverseSim } from './dataverse/simulator.js';
import { makeCertificate } from './entra/certificate.js';
import { startIdentitySim } from './entra/identity-sim.js';
import { type SimulatorsAnswer, simulatorsConfigSchema } from './launch/simulators-config.js';

/**
 * Process entry: the three simulators in one process, as Dataverse asks the identity simulator about tokens.
 * Tells the parent its addresses when all of them serve.
 */
const config = simulatorsConfigSchema.parse(JSON.parse(process.env.STACK_SIMULATORS ?? ''));
const { credentials, editor, environment, ports } = config;
const certificate = await makeCertificate();
const identity = await startIdentitySim({
  port: ports.identity,
  tenants: [credentials.tenantId],
  clients: [credentials, editor],
  certificate,
  environments: [environment],
  application: config.application,
  managedIdentity: config.managedIdentity,
  vaultReaders: [editor.clientId],
});
const [dataverse, authScape] = await Promise.all([
  startDataverseSim({
    port: ports.dataverse,
    verifier: identity.verifier,
    environment,
    applicationUsers: [
      { appId: credentials.clientId, fullName: 'AuthScape Sync' },
      { appId: editor.clientId, fullName: 'Erika Editor' },
    ],
  }),
  startAuthScapeSim({
    port: ports.authScape,
    clients: [config.authScape.product, config.authScape.editor],
  }),
]);

process.once('SIGTERM', () => {
  void Promise.all([identity.close(), dataverse.close(), authScape.close()]).finally(() => process.exit(0));
});

process.send?.({
  dataverse: dataverse.url,
  authScape: authScape.url,
  identity: identity.url,
  certificate: certificate.cert,
} satisfies SimulatorsAnswer);
