import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { Problem, ProblemReport } from '../application/inspection/problems/list-problems.js';
import type { RetryRequest } from '../application/inspection/problems/retry-problems.js';
import { PROBLEM_KINDS } from '../domain/problem.js';
import type { Handle } from './endpoint.js';
import { pageOf } from './listing.js';
import { withoutQuery } from './reject-input.js';
import { pageQuery, readBody, readQuery, routeParameter } from './request.js';

export interface ProblemUseCases {
  readonly list: (connectionId: string) => Promise<ProblemReport>;
  readonly retry: (connectionId: string, request: RetryRequest) => Promise<number>;
}

export const problemsQuery = z.strictObject({ kind: z.enum(PROBLEM_KINDS).optional(), ...pageQuery });

/** Ids of one request; more are asked for by kind. */
const MOST_IDS = 500;

export const retryBody = z
  .strictObject({
    ids: z.array(z.string().min(1).max(2048)).min(1).max(MOST_IDS).optional(),
    kind: z.enum(PROBLEM_KINDS).exclude(['held']).optional(),
  })
  .refine(({ ids, kind }) => (ids === undefined) !== (kind === undefined), {
    message: 'Name the problems by ids or by kind, not by both.',
  });

/** What a person should look at, and trying it again. */
export function problemHandlers(useCases: ProblemUseCases) {
  return {
    list: async (request: HttpRequest) => {
      const { kind, ...page } = readQuery(request, problemsQuery);
      const { problems, counts, truncated } = await useCases.list(routeParameter(request, 'id'));
      const wanted = problems.filter((problem) => kind === undefined || problem.kind === kind);
      const { items, nextCursor } = pageOf(wanted, page);
      return { status: 200, body: { items: items.map(problemJson), nextCursor, counts, truncated } };
    },

    retry: withoutQuery(async (request) => {
      const { ids, kind } = await readBody(request, retryBody);
      const wanted: RetryRequest = kind === undefined ? { ids: ids ?? [] } : { kind };
      return { status: 202, body: { accepted: await useCases.retry(routeParameter(request, 'id'), wanted) } };
    }),
  } satisfies Record<string, Handle>;
}

/** What is not known is left out, but for what every list shows. */
function problemJson(problem: Problem) {
  const { authScapeId, crmId, crmEntity, deadLetterId, field, mappingId, runId, ...rest } = problem;
  const optional = { mappingId, crmEntity, authScapeId, crmId, field, runId, deadLetterId };
  return { ...rest, ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null)) };
}
