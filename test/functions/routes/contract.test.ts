import { describe, expect, it } from 'vitest';
import { openApiDocument } from '../../../src/functions/routes/document.js';
import { allRoutes } from '../../../src/functions/routes/table.js';
import { Contract } from '../../journeys/support/contract.js';

const contract = new Contract(JSON.parse(JSON.stringify(openApiDocument(allRoutes(), '1.0.0'))));
const health = { status: 'healthy', version: '1', checks: [] };
const problem = {
  type: 'about:blank',
  title: 'Run not found',
  status: 404,
  code: 'run_not_found',
  detail: 'There is no such run.',
  traceId: '1',
};

const reply = (status: number, body: unknown, type = 'application/json; charset=utf-8') => ({
  status,
  headers: new Headers({ 'content-type': type }),
  text: JSON.stringify(body),
  body,
});

describe('the check of answers against the document', () => {
  it('takes what is foreseen', () => {
    contract.check('GET', 'health?code=x', reply(200, health));
    contract.check('GET', 'runs/r_1', reply(404, problem, 'application/problem+json'));
  });

  it.each([
    ['a status', 'GET health', reply(201, health)],
    ['a content type', 'GET health', reply(200, health, 'text/plain')],
    ['a missing member', 'GET health', reply(200, { status: 'healthy', version: '1' })],
    ['a new member', 'GET health', reply(200, { ...health, uptime: 1 })],
    ['a new member inside', 'GET connections', reply(200, { items: [], more: true })],
    ['a body where none is', 'DELETE connections/c_1', reply(204, {})],
    ['a header that is missing', 'GET runs/r_1', reply(200, {})],
    ['a route', 'GET nothing', reply(200, {})],
    [
      'a code of an error',
      'GET runs/r_1',
      reply(404, { ...problem, code: 'link_not_found' }, 'application/problem+json'),
    ],
    [
      'a new member of an error',
      'GET runs/r_1',
      reply(404, { ...problem, stack: '' }, 'application/problem+json'),
    ],
  ])('refuses %s that is not foreseen', (_, request, answer) => {
    const [method = '', path = ''] = request.split(' ');

    expect(() => contract.check(method, path, answer)).toThrow('does not say');
  });
});
