import { expect, test } from 'vitest';
import { byName, compileRoute, routeProblem } from './routes.js';

test.each<[string, string, Record<string, string> | undefined]>([
  ['items', '/items', {}],
  ['items', '/ITEMS/', {}],
  ['items', '/items/1', undefined],
  ['Items/{id}', '/items/AbC', { id: 'AbC' }],
  ['items/{id}', '/items', undefined],
  ['items/{id}', '/items//', undefined],
  ['items/{id?}', '/items', {}],
  ['items/{id=5}', '/items', { id: '5' }],
  ['items/{id=5}', '/items/6', { id: '6' }],
  ['items/{id:int=5}', '/items', { id: '5' }],
  ['items/{id:int?}', '/items', {}],
  ['items/{id:int?}', '/items/x', undefined],
  ['files/{*rest}', '/files/a/b%20c/%C3%A9', { rest: 'a/b c/é' }],
  ['files/{**rest}', '/files', {}],
  ['files/{*rest=all}', '/files', { rest: 'all' }],
  ['files/{*rest:maxlength(3)}', '/files/a/b', { rest: 'a/b' }],
  ['files/{*rest:maxlength(3)}', '/files/a/bc', undefined],
  ['a/{x}', '/a/1%2F2', { x: '1%2F2' }],
  ['a/{x}', '/a/%zz', { x: '%zz' }],
  ['{x:int}', '/2147483647', { x: '2147483647' }],
  ['{x:int}', '/2147483648', undefined],
  ['{x:long}', '/9223372036854775807', { x: '9223372036854775807' }],
  ['{x:long}', '/9223372036854775808', undefined],
  ['{x:bool}', '/True', { x: 'True' }],
  ['{x:bool}', '/yes', undefined],
  ['{x:guid}', '/2f7d0a5e-7b1c-4b7e-9a55-0123456789ab', { x: '2f7d0a5e-7b1c-4b7e-9a55-0123456789ab' }],
  ['{x:guid}', '/2f7d0a5e', undefined],
  ['{x:datetime}', '/2024-02-29', { x: '2024-02-29' }],
  ['{x:datetime}', '/soon', undefined],
  ['{x:decimal}', '/1.5', { x: '1.5' }],
  ['{x:double}', '/one', undefined],
  ['{x:float}', '/-2', { x: '-2' }],
  ['{x:alpha}', '/abc', { x: 'abc' }],
  ['{x:alpha}', '/ab1', undefined],
  ['{x:minlength(2)}', '/a', undefined],
  ['{x:length(2)}', '/ab', { x: 'ab' }],
  ['{x:length(2,3)}', '/abcd', undefined],
  ['{x:min(3)}', '/2', undefined],
  ['{x:max(3)}', '/3', { x: '3' }],
  ['{x:range(3,5)}', '/6', undefined],
  ['{x:int:min(3)}', '/4', { x: '4' }],
  ['{x:required}', '/y', { x: 'y' }],
  ['{x:regex(^\\d{{2}}$)}', '/12', { x: '12' }],
  ['{x:regex(^\\d{{2}}$)}', '/123', undefined],
  ['{x:regex(^a/?b$)}', '/ab', { x: 'ab' }],
])('%s against %s', (template, path, expected) => {
  expect(compileRoute(template)(path)).toEqual(expected);
});

test.each(['{x:colour}', 'a-{x}', '{x', '{}', '{x y}'])('the template %s is refused', (template) => {
  expect(() => compileRoute(template)).toThrow();
});

test('functions are tried by name, ignoring case', () => {
  const names = ['b', 'A', 'a_c', 'ab', 'C'].map((name) => ({ name }));
  expect(names.sort(byName).map(({ name }) => name)).toEqual(['A', 'ab', 'a_c', 'b', 'C']);
});

test.each([
  ['adminOnly', ['GET'], 'built in'],
  ['runtime', ['GET'], 'built in'],
  ['Clash', ['PUT', 'GET'], "function 'first'"],
])('the route %s with %j is refused', (route, methods, reason) => {
  const earlier = [{ name: 'first', route: 'clash', methods: ['GET'] }];
  expect(routeProblem(route, methods, earlier)).toContain(reason);
  expect(routeProblem('clash', ['PUT'], earlier)).toBeUndefined();
});
