import { startTableServer } from './server.js';

/** Process entry: tells the parent its address when it serves. */
const server = await startTableServer();

process.once('SIGTERM', () => {
  void server.close().finally(() => process.exit(0));
});

process.send?.(server.url);
