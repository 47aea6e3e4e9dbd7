/**
 * A sender in a process of its own. Reads one JSON object from stdin: `url`, `headers`, `bodies`, and either `rate` (per
 * second) with `count`, or `lanes` that send one after the other until all bodies are sent or `forMs` is over. Prints
 * statuses, milliseconds (until all were sent, until all were answered) and the latencies.
 */
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const { url, headers, bodies, rate, count, lanes, forMs } = JSON.parse(await text(process.stdin));
const agent = new Agent({ keepAlive: true });
const latencies = [];
const statuses = {};

const post = (body, from = performance.now()) =>
  new Promise((resolve) => {
    const done = (status) => {
      latencies.push(performance.now() - from);
      statuses[status] = (statuses[status] ?? 0) + 1;
      resolve();
    };
    const sent = request(url, { method: 'POST', headers, agent }, (reply) => {
      reply.resume();
      reply.on('end', () => done(reply.statusCode));
    });
    sent.on('error', (error) => {
      // The server closed an idle connection at the moment in which it was used again.
      if (error.code === 'ECONNRESET' && sent.reusedSocket) resolve(post(body, from));
      else done(error.code ?? 'error');
    });
    sent.end(body);
  });

const start = performance.now();
let next = 0;
let sentMs;
if (rate === undefined) {
  const lane = async () => {
    while (next < bodies.length && performance.now() - start < forMs) {
      next += 1;
      await post(bodies[next - 1]);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
} else {
  const all = [];
  for (; next < count; next += 1) {
    const wait = start + (next * 1000) / rate - performance.now();
    if (wait > 1) await sleep(wait);
    all.push(post(bodies[next % bodies.length]));
  }
  sentMs = performance.now() - start;
  await Promise.all(all);
}
const ms = performance.now() - start;
process.stdout.write(JSON.stringify({ sentMs: sentMs ?? ms, ms, sent: next, statuses, latencies }));
process.exit();
