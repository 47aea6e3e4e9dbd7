/** Routes that the contract has and the service does not yet, in the form of the generated ones. Each goes when its route comes. */
interface Answer<Body> {
  responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': Body } } };
}
interface Takes<Body> {
  requestBody: { content: { 'application/json': Body } };
}

export interface AwaitedPaths {
  '/api/connections/{id}/erase': {
    post: Answer<Record<string, number>> &
      Takes<{ entity: string; authScapeId?: string; crmId?: string }> & {
        parameters: { path: { id: string } };
      };
  };
}
