/** One run of one function through the real library: arguments, hooks, handler, response, outputs. */
import { randomUUID } from 'node:crypto';
import { type AppCore, type RegisteredFunction, runHooks } from './core-api.js';
import type { CoreInvocationContext, InvocationRequest, InvocationResponse } from './rpc.js';

export interface Invoker {
  /**
   * Runs a function and sends its outputs. Rejects with the handler's error, with an output that could not be
   * sent, or with `FunctionTimeoutError`.
   */
  invoke(fn: RegisteredFunction, request: InvocationRequest): Promise<InvocationResponse>;
  /** Resolves when nothing runs any more, or after `ms`; says which. */
  drain(ms: number): Promise<'idle' | 'busy'>;
}

/** The time of host.json's `functionTimeout` ran out. The handler cannot be stopped and goes on. */
class FunctionTimeoutError extends Error {
  override readonly name = 'FunctionTimeoutError';

  constructor(functionName: string, ms: number) {
    super(`Timeout value of ${ms} ms was exceeded by function: Functions.${functionName}`);
  }
}

const runOnce = async (
  core: AppCore,
  fn: RegisteredFunction,
  request: InvocationRequest,
): Promise<InvocationResponse> => {
  const invocationId = randomUUID();
  const { metadata } = fn;
  if (core.model === undefined) throw new Error('No app is loaded.');
  let invocationContext: unknown;
  const coreContext: CoreInvocationContext = {
    invocationId,
    request: { ...request, invocationId, functionId: metadata.functionId },
    metadata,
    state: undefined,
    log: (level, category, message) => {
      core.log({ level, category, message, invocationId, functionName: metadata.name }, invocationContext);
    },
  };
  const model = await core.model.getInvocationModel(coreContext);
  const { context, inputs } = await model.getArguments();
  invocationContext = context;
  const hookData = {};
  const before = { hookData, invocationContext: context, functionCallback: fn.callback, inputs };
  coreContext.state = 'preInvocationHooks';
  await runHooks(core, 'preInvocation', before);
  coreContext.state = 'invocation';
  const after: { result: unknown; error: unknown; inputs: unknown[] } & Record<string, unknown> = {
    hookData,
    invocationContext: context,
    inputs: before.inputs,
    result: null,
    error: null,
  };
  try {
    after.result = await model.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    after.error = error ?? new Error('The function threw nothing.');
  }
  coreContext.state = 'postInvocationHooks';
  await runHooks(core, 'postInvocation', after);
  coreContext.state = undefined;
  if (after.error !== null && after.error !== undefined) throw after.error;
  return model.getResponse(context, after.result);
};

const withTimeout = async <T>(work: Promise<T>, ms: number, functionName: string): Promise<T> => {
  if (ms === 0) return work;
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new FunctionTimeoutError(functionName, ms)), ms);
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
};

/** `sendOutputs` runs after the handler returned, within the invocation. */
export const createInvoker = (options: {
  core: AppCore;
  functionTimeoutMs: number;
  sendOutputs: (fn: RegisteredFunction, response: InvocationResponse) => Promise<void>;
}): Invoker => {
  const { core, functionTimeoutMs, sendOutputs } = options;
  const running = new Set<Promise<unknown>>();
  const run = async (fn: RegisteredFunction, request: InvocationRequest): Promise<InvocationResponse> => {
    const work = runOnce(core, fn, request);
    // A handler that outlives its time must not end the process when it fails later.
    work.catch(() => undefined);
    const response = await withTimeout(work, functionTimeoutMs, fn.metadata.name);
    await sendOutputs(fn, response);
    return response;
  };
  return {
    invoke: (fn, request) => {
      const promise = run(fn, request);
      const settled = promise.then(
        () => undefined,
        () => undefined,
      );
      running.add(settled);
      void settled.then(() => running.delete(settled));
      return promise;
    },
    drain: async (ms) => {
      const deadline = Date.now() + ms;
      while (running.size > 0) {
        const left = deadline - Date.now();
        if (left <= 0) return 'busy';
        let timer: NodeJS.Timeout | undefined;
        const late = new Promise<void>((resolve) => {
          timer = setTimeout(resolve, left);
        });
        await Promise.race([Promise.all(running), late]);
        clearTimeout(timer);
      }
      return 'idle';
    },
  };
};
