import { authScapeContract } from '../contracts/systems-authscape.js';
import { dynamicsContract } from '../contracts/systems-dynamics.js';
import { startHarness } from '../stack/authscape/harness.js';
import { connect, insertOne } from './authscape/fixture.js';
import { startBench } from './dataverse/support.js';

dynamicsContract('the adapter and the simulator', startBench);

authScapeContract('the adapter and the simulator', async () => {
  const harness = await startHarness();
  await harness.sim('POST', 'install', { module: true });
  await harness.sim('POST', 'tokens', { mode: 'patched', identity: true });
  const authScape = connect(harness, { pageSize: 4 });
  return {
    system: authScape.system,
    insertCompany: (title) => insertOne(harness, 'companies', { title }),
    removeUser: async (id) => {
      await harness.sim('POST', 'delete', { entity: 'User', id: Number(id) });
    },
    close: async () => {
      authScape.close();
      await harness.close();
    },
  };
});
