import {
  call,
  createTestBridge,
  givenConnection,
  givenMapping,
  type TestBridge,
  textAt,
} from '../../support/bridge.js';

/** A bridge with one connection. */
export async function givenConnected() {
  const bridge = createTestBridge();
  return { bridge, connection: textAt(await givenConnection(bridge), 'id') };
}

/** The same with a mapping of users to contacts. */
export async function givenMapped() {
  const { bridge, connection } = await givenConnected();
  return { bridge, connection, mapping: textAt(await givenMapping(bridge, connection), 'id') };
}

/** Calls about one connection, to the bridge of the test that runs. */
export const connectionCalls = (bridge: () => TestBridge) => ({
  get: (id: string) => call(bridge().connections.get, { params: { id } }),
  patch: (id: string, body: unknown, headers: Record<string, string> = {}) =>
    call(bridge().connections.patch, { params: { id }, body, headers, method: 'PATCH' }),
  remove: (id: string, headers: Record<string, string> = {}) =>
    call(bridge().connections.remove, { params: { id }, headers, method: 'DELETE' }),
});

/** Calls about one mapping of the connection. */
export const mappingCalls = (given: () => { bridge: TestBridge; connection: string }) => {
  const params = (mappingId: string) => ({ id: given().connection, mappingId });
  return {
    params,
    get: (mappingId: string) => call(given().bridge.mappings.get, { params: params(mappingId) }),
  };
};
