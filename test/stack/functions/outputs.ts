/**
 * Queue output bindings, sent after the handler returned: a text is one message, an array one message per element,
 * and text that is itself a JSON array fans out too, because the real host parses it.
 */
import type { RegisteredFunction } from './core-api.js';
import type { Binding, InvocationResponse, RpcOutput } from './rpc.js';
import { type QueueSettings, resolveSettings } from './settings.js';
import { connectionString, encodeMessage, type Queues } from './storage.js';

const RETURN_BINDING = '$return';

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const outputValue = (data: RpcOutput): unknown => {
  if (data.json !== undefined && data.json !== null) return JSON.parse(data.json);
  if (data.bytes !== undefined) return Buffer.from(data.bytes);
  if (typeof data.string !== 'string') return data.int ?? data.double;
  const parsed = parseJson(data.string);
  return Array.isArray(parsed) ? parsed : data.string;
};

const messageBody = (value: unknown, encoding: QueueSettings['messageEncoding']): string => {
  if (Buffer.isBuffer(value)) return value.toString('base64');
  return encodeMessage(typeof value === 'string' ? value : JSON.stringify(value), encoding);
};

const outputsOf = (response: InvocationResponse): { name: string; data: RpcOutput }[] => {
  const { returnValue, outputData = [] } = response;
  return returnValue ? [...outputData, { name: RETURN_BINDING, data: returnValue }] : outputData;
};

/** The function's output bindings, less the HTTP response. Throws for kinds that are not supported here. */
const queueOutputs = (fn: RegisteredFunction): [string, Binding][] => {
  const outputs = Object.entries(fn.metadata.bindings).filter(
    ([, binding]) => binding.direction === 'out' && binding.type.toLowerCase() !== 'http',
  );
  const unknown = outputs.find(([, binding]) => binding.type.toLowerCase() !== 'queue');
  if (unknown !== undefined)
    throw new Error(`The output binding '${unknown[1].type}' is not supported here.`);
  return outputs;
};

export const createOutputs = (options: {
  env: NodeJS.ProcessEnv;
  queues: Queues;
  settings: QueueSettings;
}): {
  /** Throws when an output of the function cannot work: its kind, its settings or its connection. */
  check(fn: RegisteredFunction): void;
  send(fn: RegisteredFunction, response: InvocationResponse): Promise<void>;
} => {
  const { env, queues, settings } = options;
  const target = (binding: Binding): { connection: string; queueName: string } => ({
    connection: connectionString(binding.connection, env),
    queueName: resolveSettings(binding.queueName ?? '', env),
  });
  return {
    check: (fn) => {
      for (const [, binding] of queueOutputs(fn)) target(binding);
    },
    send: async (fn, response) => {
      const bindings = new Map(queueOutputs(fn));
      for (const { name, data } of outputsOf(response)) {
        const binding = bindings.get(name);
        if (binding === undefined) continue;
        const { connection, queueName } = target(binding);
        const client = queues.reliable(connection, queueName);
        await client.createIfNotExists();
        const value = outputValue(data);
        for (const item of Array.isArray(value) ? value : [value]) {
          await client.sendMessage(messageBody(item, settings.messageEncoding));
        }
      }
    },
  };
};
