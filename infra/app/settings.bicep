// What the bridge can be told. The names of the settings themselves are in function-app.bicep, and only there.

@export()
@description('Time limits and widths of the sync.')
type tuning = {
  @description('A worker that is silent for this long has lost its run.')
  @minValue(15)
  runLeaseSeconds: int
  logRetentionDays: int
  runRetentionDays: int

  @description('How long a step of a run works before it hands on; far below the ten minutes that a function may take.')
  @minValue(5)
  @maxValue(300)
  stepSeconds: int

  @description('Patience with one request to Dynamics or AuthScape.')
  @minValue(5)
  dataTimeoutSeconds: int

  @description('Patience with one write to AuthScape.')
  @minValue(5)
  authScapeWriteTimeoutSeconds: int

  @description('First pause before a failed request is repeated.')
  @minValue(1)
  retryBaseMs: int

  @description('Requests to Dynamics or AuthScape that one step has under way at a time.')
  @minValue(1)
  @maxValue(64)
  recordConcurrency: int

  @description('Records that one step works on at a time: while some wait for the two systems, others wait for storage.')
  @minValue(1)
  @maxValue(256)
  recordLanes: int

  @description('The most instances that work on one run.')
  @minValue(1)
  @maxValue(16)
  runWorkers: int

  @description('Records of a part of a run that one of them takes.')
  @minValue(1)
  runPartRecords: int
}

@export()
@description('Settings of one installation.')
type bridgeSettings = {
  syncSchedule: string
  authScapeApiUrl: string
  authScapeIdpUrl: string
  authScapeScope: string
  authScapeClientId: string
  authScapeSignIn: 'clientSecret' | 'refreshToken' | 'refreshTokenAndClientSecret'
  dynamicsEnvironment: string
  dynamicsTenantId: string
  dynamicsClientId: string
  authorityHost: string
  consoleFrameAncestors: string
  authMode: 'functionKeys' | 'app'
  authIssuers: array
  apiKeys: object
  otlpEndpoint: string
  logLevel: 'info' | 'warn' | 'error'
  tuning: tuning
}
