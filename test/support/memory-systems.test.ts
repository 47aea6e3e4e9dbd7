import { authScapeContract } from '../contracts/systems-authscape.js';
import { dynamicsContract } from '../contracts/systems-dynamics.js';
import { createMemorySystems } from './memory-systems.js';

dynamicsContract('in memory', async () => ({
  system: createMemorySystems().d.system,
  close: () => Promise.resolve(),
}));

authScapeContract('in memory', async () => {
  const { a } = createMemorySystems();
  return {
    system: a.system,
    insertCompany: async (title) => a.people.insert('Company', { title }),
    removeUser: async (id) => a.people.remove('User', id),
    close: () => Promise.resolve(),
  };
});
