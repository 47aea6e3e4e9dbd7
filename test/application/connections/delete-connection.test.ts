import { describe, expect, it } from 'vitest';
import { deleteConnection } from '../../../src/application/connections/delete-connection.js';
import { aConnection } from '../../support/builders.js';
import { createMemoryClock } from '../../support/memory-clock.js';
import { createMemorySecrets } from '../../support/memory-secrets.js';
import { createMemoryStorage } from '../../support/memory-stores.js';

async function setUp(finished: boolean) {
  const clock = createMemoryClock();
  const storage = createMemoryStorage(clock);
  const connection = aConnection();
  await storage.connections.create(connection);
  const deadlines: number[] = [];
  const eraser = {
    erase: async (_id: string, deadline: number) => {
      deadlines.push(deadline - clock.now());
      return finished;
    },
  };
  const remove = deleteConnection({
    ...storage,
    eraser,
    queue: storage.jobs,
    secrets: createMemorySecrets(),
    clock,
    unregisterWebhook: async () => {},
  });
  return { storage, connection, remove, deadlines };
}

describe('deleting a connection that has left much', () => {
  it('goes on in the background when the caller would wait too long', async () => {
    const { storage, connection, remove, deadlines } = await setUp(false);
    await remove(connection.id);
    expect(deadlines).toEqual([60_000]);
    expect(await storage.connections.get(connection.id)).toBeUndefined();
    expect(storage.jobs.take('erase')).toEqual({ v: 1, kind: 'erase', connectionId: connection.id });
  });

  it('leaves nothing to do in the background otherwise', async () => {
    const { storage, connection, remove } = await setUp(true);
    await remove(connection.id);
    expect(storage.jobs.waiting()).toEqual([]);
  });

  it('keeps the row, switched off, when the rest could not be handed over', async () => {
    const { storage, connection, remove } = await setUp(false);
    storage.jobs.enqueue = async () => {
      throw new Error('down');
    };
    await expect(remove(connection.id)).rejects.toThrow('down');
    expect((await storage.connections.get(connection.id))?.value.enabled).toBe(false);
  });
});
