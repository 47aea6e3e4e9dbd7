import { TableClient, TableServiceClient } from '@azure/data-tables';
import { QueueServiceClient } from '@azure/storage-queue';
import type { StackInfo } from '../../stack/launch/stack-file.js';

/** The key every emulator has; it is published in the emulator's documentation. */
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export const connectionString = (info: StackInfo) =>
  [
    'DefaultEndpointsProtocol=http',
    'AccountName=devstoreaccount1',
    `AccountKey=${accountKey}`,
    `TableEndpoint=${info.tables}`,
    `QueueEndpoint=${info.queues}`,
  ].join(';');

/** Every row of every table, as text. */
export async function allRows(info: StackInfo): Promise<string[]> {
  const options = { allowInsecureConnection: true };
  const service = TableServiceClient.fromConnectionString(connectionString(info), options);
  const rows: string[] = [];
  for await (const { name } of service.listTables()) {
    const table = TableClient.fromConnectionString(connectionString(info), name ?? '', options);
    for await (const row of table.listEntities()) {
      rows.push(`${name}: ${JSON.stringify(row)}`);
    }
  }
  return rows;
}

/** Every row of one table. */
export async function allRowsOf(info: StackInfo, table: string): Promise<Record<string, unknown>[]> {
  const options = { allowInsecureConnection: true };
  const client = TableClient.fromConnectionString(connectionString(info), table, options);
  const rows: Record<string, unknown>[] = [];
  for await (const row of client.listEntities()) rows.push(row);
  return rows;
}

/** The messages that wait in any queue, as text and as what their base64 stands for. */
export async function allMessages(info: StackInfo): Promise<string[]> {
  const service = QueueServiceClient.fromConnectionString(connectionString(info));
  const texts: string[] = [];
  for await (const { name } of service.listQueues()) {
    const { peekedMessageItems } = await service.getQueueClient(name).peekMessages({ numberOfMessages: 32 });
    for (const { messageText } of peekedMessageItems) {
      texts.push(`${name}: ${messageText} ${Buffer.from(messageText, 'base64').toString()}`);
    }
  }
  return texts;
}

/** How many messages all queues hold; one that a worker has taken counts until it is done. */
export async function countMessages(info: StackInfo): Promise<number> {
  const service = QueueServiceClient.fromConnectionString(connectionString(info));
  let count = 0;
  for await (const { name } of service.listQueues()) {
    count += (await service.getQueueClient(name).getProperties()).approximateMessagesCount ?? 0;
  }
  return count;
}

/** Puts a message on a queue as the product's own sender does. */
export async function putMessage(info: StackInfo, queue: string, message: unknown): Promise<void> {
  const client = QueueServiceClient.fromConnectionString(connectionString(info)).getQueueClient(queue);
  await client.createIfNotExists();
  await client.sendMessage(Buffer.from(JSON.stringify(message)).toString('base64'));
}
