import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TableClient } from '@azure/data-tables';
import { QueueClient } from '@azure/storage-queue';
import { expect, test } from 'vitest';
import { type Azurite, startAzurite } from './azurite.js';

const tableOf = (azurite: Azurite): TableClient =>
  TableClient.fromConnectionString(azurite.connectionString, 'probe', { allowInsecureConnection: true });
const queueOf = (azurite: Azurite): QueueClient => new QueueClient(azurite.connectionString, 'probe');

test('two emulators in one process keep their rows and messages apart', async () => {
  const first = await startAzurite();
  const second = await startAzurite();
  try {
    await tableOf(first).createTable();
    await tableOf(first).createEntity({ partitionKey: 'p', rowKey: 'r', value: 'é' });
    await queueOf(first).create();
    await queueOf(first).sendMessage('hello');
    expect(await tableOf(first).getEntity('p', 'r')).toMatchObject({ value: 'é' });
    await expect(tableOf(second).getEntity('p', 'r')).rejects.toMatchObject({ statusCode: 404 });
    await expect(queueOf(second).sendMessage('x')).rejects.toMatchObject({ statusCode: 404 });
    await second.close();
    const { receivedMessageItems } = await queueOf(first).receiveMessages();
    expect(receivedMessageItems.map((message) => message.messageText)).toEqual(['hello']);
  } finally {
    await Promise.all([first.close(), second.close()]);
  }
});

test('a directory keeps rows and messages across a restart on the same ports', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'azurite-'));
  const before = await startAzurite({ directory });
  await tableOf(before).createTable();
  await tableOf(before).createEntity({ partitionKey: 'p', rowKey: 'r', value: 1 });
  await queueOf(before).create();
  await queueOf(before).sendMessage('kept');
  await before.close();
  const tablePort = Number(new URL(before.tablesUrl).port);
  const queuePort = Number(new URL(before.queuesUrl).port);
  const after = await startAzurite({ directory, tablePort, queuePort });
  try {
    expect(after.connectionString).toBe(before.connectionString);
    expect(await tableOf(after).getEntity('p', 'r')).toMatchObject({ value: 1 });
    const { receivedMessageItems } = await queueOf(after).receiveMessages();
    expect(receivedMessageItems.map((message) => message.messageText)).toEqual(['kept']);
  } finally {
    await after.close();
    rmSync(directory, { recursive: true });
  }
});

test('a taken port is an error that leaves nothing open', async () => {
  const holder = await startAzurite();
  const queuePort = Number(new URL(holder.queuesUrl).port);
  await expect(startAzurite({ queuePort })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await holder.close();
});
