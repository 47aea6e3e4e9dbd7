/** Routes that the contract has and the service does not yet, in the form of the generated ones. Each goes when its route comes. */
interface Answer<Body> {
  responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': Body } } };
}
interface Takes<Body> {
  requestBody: { content: { 'application/json': Body } };
}
type Document = Record<string, unknown>;
interface Prune {
  prune?: 'true' | 'false';
}

export interface Plan {
  changes: { path: string; action: 'create' | 'update' | 'delete'; from?: unknown; to?: unknown }[];
  problems: { path?: string; message: string }[];
}

export interface AwaitedPaths {
  '/api/configuration': {
    get: Answer<Document> & { parameters: { query?: { connection?: string } } };
    put: Answer<Plan> & Takes<Document> & { parameters: { query?: Prune; header?: { 'If-Match'?: string } } };
  };
  '/api/configuration/plan': {
    post: Answer<Plan> & Takes<Document> & { parameters: { query?: Prune } };
  };
  '/api/connections/{id}/erase': {
    post: Answer<Record<string, number>> &
      Takes<{ entity: string; authScapeId?: string; crmId?: string }> & {
        parameters: { path: { id: string } };
      };
  };
}
