/** Where the documentation leaves the outcome open, the simulator plays either. */
export interface Behaviour {
  /** How many requests at once the environment advises. */
  dopHint: number;
  unauthorizedBody: 'json' | 'text' | 'empty';
  gatewayBody: 'html' | 'json' | 'empty';
  /** Errors carry `"code": ""`. */
  emptyCodes: boolean;
  /** Status of an update with an etag whose row is gone. */
  goneWithEtag: 404 | 412;
  /** Status of a lookup bound to a row that is not there. */
  bindToMissing: 404 | 400;
  emptyTextIsNull: boolean;
  expiredTokenStatus: 400 | 410;
  /** What deleting a service endpoint does that still has steps. */
  endpointWithSteps: 'fail' | 'cascade';
  /** When the version of a new delta link is taken: with the first page of a run, or with its last. */
  tokenFixedAt: 'firstPage' | 'lastPage';
  /** A run without changes is answered with `{}`. */
  emptyFeed: boolean;
  /** A batch ends with its first failure whatever was asked for. */
  batchStops: boolean;
}

export const defaultBehaviour: Behaviour = {
  dopHint: 8,
  unauthorizedBody: 'json',
  gatewayBody: 'html',
  emptyCodes: false,
  goneWithEtag: 404,
  bindToMissing: 404,
  emptyTextIsNull: true,
  expiredTokenStatus: 400,
  endpointWithSteps: 'fail',
  tokenFixedAt: 'firstPage',
  emptyFeed: false,
  batchStops: false,
};
