import { app } from '@azure/functions';
import { QueueClient } from '@azure/storage-queue';

/** The least that any receiver does: one queue message per request. */
const queue = new QueueClient(process.env.AzureWebJobsStorage, 'bare');
await queue.createIfNotExists();

app.http('store', {
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: async (request) => {
    const text = await request.text();
    await queue.sendMessage(Buffer.from(text).toString('base64'), { messageTimeToLive: -1 });
    return { status: 202 };
  },
});
