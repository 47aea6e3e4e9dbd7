import axios, { type AxiosInstance } from 'axios';
import { type AgentOptions, createAgents } from './agents.js';

/** Sends through agents of its own only, follows no redirect, and answers with the stream of any status. */
export function createAxiosInstance(options: AgentOptions): { instance: AxiosInstance; close(): void } {
  const { close, ...agents } = createAgents(options);
  const instance = axios.create({
    ...agents,
    // A redirect would carry the bearer token to wherever it points.
    maxRedirects: 0,
    // Otherwise axios reads proxies from the environment and by-passes the agents above.
    proxy: false,
    // Read here: the bound of axios is one for all answers.
    responseType: 'stream',
    validateStatus: () => true,
    headers: { 'User-Agent': 'authscape-dynamics-bridge', 'Accept-Encoding': 'gzip' },
  });
  return { instance, close };
}
