// The bridge and all it stands on, in one resource group.
//
// Scope: the resource group, not the subscription. Whoever deploys then needs rights on this one group only, a "what-if"
// shows everything there is, and removing the group removes everything. The group itself takes one line, see README.md.
//
// No resource here has a key that opens it: every access is a role of an identity. Secrets are never parameters; the
// settings only refer to secrets that an administrator puts into the vault.
targetScope = 'resourceGroup'

import { tuning } from 'app/settings.bicep'

@description('Short name of the installation, of letters, digits and single hyphens; part of all resource names.')
@minLength(2)
@maxLength(10)
param name string = 'asbridge'

@description('What this installation is for. Also the name of the GitHub environment that may deploy to it.')
@allowed(['dev', 'test', 'prod'])
param environmentName string

@description('Region. Flex Consumption is not offered everywhere: az functionapp list-flexconsumption-locations.')
param location string = resourceGroup().location

@description('Tags of all resources.')
param tags object = {}

@description('Base URL of the AuthScape API.')
param authScapeApiUrl string

@description('Base URL of the AuthScape identity server.')
param authScapeIdpUrl string

@description('Client id with which the bridge signs in at AuthScape.')
param authScapeClientId string

@description('Scope that the bridge asks for at AuthScape.')
param authScapeScope string = 'api1'

@description('How the bridge signs in at AuthScape: with a client secret, with a rolling refresh token, or with both.')
@allowed(['clientSecret', 'refreshToken', 'refreshTokenAndClientSecret'])
param authScapeSignIn string = 'clientSecret'

@description('Domain of the Dynamics environment of connections that name none, such as contoso.crm4.dynamics.com.')
param dynamicsEnvironment string = ''

@description('Tenant of the Entra application of connections that name none.')
param dynamicsTenantId string = ''

@description('Entra application of connections that name none. Empty: every connection brings its own; if set, its secret is expected in the vault.')
param dynamicsClientId string = ''

@description('Sign-in service for Dynamics, only where it is not the one that belongs to the environment\'s cloud.')
param authorityHost string = ''

@description('How often the bridge looks which connections are due: six-field cron, UTC. At least once an hour, or the alert on silence is wrong.')
param syncSchedule string = '0 * * * * *'

@description('Which pages may show the console in a frame, as a list of origins; \'none\' stands for no page.')
param consoleFrameAncestors string = '\'none\''

@description('Where a collector of OpenTelemetry takes OTLP over HTTP, beside Application Insights; empty: nowhere.')
param otlpEndpoint string = ''

@description('Who checks callers: the platform (function keys), or the app (keys of apiKeys, and tokens of authIssuers).')
@allowed(['functionKeys', 'app'])
param authMode string = 'functionKeys'

@description('OpenID Connect issuers whose tokens are taken: a list of { issuer, audience, roleClaim?, roles?, name?, clientId?, scope? }.')
param authIssuers array = []

@description('Names of callers and the SHA-256 digests (hex) of their keys.')
param apiKeys object = {}

@description('Least severe entries that are logged.')
@allowed(['info', 'warn', 'error'])
param logLevel string = 'info'

@description('Time limits and widths of the sync; the defaults are those of the app.')
param bridgeTuning tuning = {
  runLeaseSeconds: 30
  logRetentionDays: 90
  runRetentionDays: 30
  stepSeconds: 60
  dataTimeoutSeconds: 120
  authScapeWriteTimeoutSeconds: 45
  retryBaseMs: 500
  recordConcurrency: 8
  recordLanes: 96
  runWorkers: 4
  runPartRecords: 500
}

@description('Memory of an instance in MB. A step holds pages of records, never all of them: 2048 is ample.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Upper bound of instances of all functions together. More do not help: Dynamics limits a user to 52 requests at a time.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Instances that are kept warm for HTTP calls; 0 costs nothing and makes the first call wait for seconds.')
@minValue(0)
@maxValue(10)
param alwaysReadyHttpInstances int = 0

@description('Instances that are kept warm for runs. Two and more share large runs; without, a second one comes only with a long queue of runs.')
@minValue(0)
@maxValue(16)
param alwaysReadyRunInstances int = 0

@description('Copies of the data. ZRS survives the loss of a zone, GZRS the loss of a region.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageSku string = 'Standard_ZRS'

@description('Locks storage and vault against deletion. Needs the right to create locks (Owner).')
param protectData bool = true

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

@description('GB of logs in a day that an alert tells of. Nothing is cut off: a cap would cut alerts and audit as well.')
@minValue(1)
param logDailyAlertGb int = 5

@description('What the group may cost in a month, in the currency of the subscription; at four fifths of it, and when more is to be expected, an e-mail goes out.')
@minValue(1)
param monthlyBudget int = 150

@description('First day of the month from which the budget counts.')
param budgetStart string = utcNow('yyyy-MM-01')

@description('Logs who read the tables, which hold personal data.')
param logTableReads bool = false

@description('Address ranges in CIDR form from which packages may be deployed, beside GitHub where a repository is given.')
param deployFrom string[] = []

@description('Denies deployments from everywhere else.')
param restrictDeployment bool = !empty(deployFrom)

@description('Address that alerts are sent to.')
param alertEmail string

@description('Entra object id of who may set secrets in the vault: a group, or a user. Empty: nobody but the app.')
param administratorId string = ''

@description('What administratorId is.')
@allowed(['Group', 'User'])
param administratorType string = 'Group'

@description('GitHub repository whose workflow may deploy the app without any secret, as GitHub writes it in its tokens: owner@id/name@id, or owner/name if it is older than July 2026. Empty: none.')
param gitHubRepository string = ''

@description('Puts storage and vault behind private endpoints and the app into a virtual network.')
param privateNetwork bool = false

@description('Address range of that network; at least a /24.')
param networkAddressPrefix string = '10.40.0.0/24'

var token = uniqueString(resourceGroup().id, name, environmentName)
var suffix = '${name}-${environmentName}-${take(token, 6)}'
var allTags = union(
  {
    application: 'authscape-dynamics-bridge'
    environment: environmentName
  },
  tags
)

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${suffix}'
  location: location
  tags: allTags
}

module monitoring 'app/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    suffix: suffix
    location: location
    tags: allTags
    retentionDays: logRetentionDays
  }
}

module operators 'app/operators.bicep' = {
  name: 'operators'
  params: {
    suffix: suffix
    tags: allTags
    email: alertEmail
    monthlyBudget: monthlyBudget
    budgetStart: budgetStart
  }
}

module storage 'app/storage.bicep' = {
  name: 'storage'
  params: {
    name: take('st${toLower(replace(name, '-', ''))}${token}', 24)
    location: location
    tags: allTags
    sku: storageSku
    isPrivate: privateNetwork
    protect: protectData
    workspaceId: monitoring.outputs.workspaceId
    logTableReads: logTableReads
  }
}

// The secrets that the app makes: of connections, and the rolling refresh token of AuthScape.
module vault 'app/vault.bicep' = {
  name: 'vault'
  params: {
    name: take('kv-${name}-${token}', 24)
    location: location
    tags: allTags
    isPrivate: privateNetwork
    protect: protectData
    workspaceId: monitoring.outputs.workspaceId
    operatorsId: operators.outputs.operatorsId
  }
}

// The secrets that an administrator makes and settings refer to.
module settingsVault 'app/vault.bicep' = {
  name: 'settings-vault'
  params: {
    name: take('kvs-${name}-${token}', 24)
    location: location
    tags: allTags
    isPrivate: privateNetwork
    protect: protectData
    workspaceId: monitoring.outputs.workspaceId
    operatorsId: operators.outputs.operatorsId
  }
}

module access 'app/access.bicep' = {
  name: 'access'
  params: {
    principalId: identity.properties.principalId
    storageName: storage.outputs.name
    vaultName: vault.outputs.name
    settingsVaultName: settingsVault.outputs.name
    insightsName: monitoring.outputs.insightsName
    administratorId: administratorId
    administratorType: administratorType
  }
}

module network 'app/network.bicep' = if (privateNetwork) {
  name: 'network'
  params: {
    suffix: suffix
    location: location
    tags: allTags
    addressPrefix: networkAddressPrefix
    storageName: storage.outputs.name
    vaultName: vault.outputs.name
    settingsVaultName: settingsVault.outputs.name
  }
}

module app 'app/function-app.bicep' = {
  name: 'function-app'
  params: {
    suffix: suffix
    location: location
    tags: allTags
    identityName: identity.name
    storageName: storage.outputs.name
    packageContainer: storage.outputs.packageContainer
    vaultName: vault.outputs.name
    settingsVaultName: settingsVault.outputs.name
    insightsName: monitoring.outputs.insightsName
    workspaceId: monitoring.outputs.workspaceId
    subnetId: network.?outputs.appSubnetId ?? ''
    deployFrom: deployFrom
    deployFromGitHub: !empty(gitHubRepository)
    restrictDeployment: restrictDeployment
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyHttpInstances: alwaysReadyHttpInstances
    alwaysReadyRunInstances: alwaysReadyRunInstances
    bridge: {
      syncSchedule: syncSchedule
      authScapeApiUrl: authScapeApiUrl
      authScapeIdpUrl: authScapeIdpUrl
      authScapeScope: authScapeScope
      authScapeClientId: authScapeClientId
      authScapeSignIn: authScapeSignIn
      dynamicsEnvironment: dynamicsEnvironment
      dynamicsTenantId: dynamicsTenantId
      dynamicsClientId: dynamicsClientId
      authorityHost: authorityHost
      consoleFrameAncestors: consoleFrameAncestors
      otlpEndpoint: otlpEndpoint
      authMode: authMode
      authIssuers: authIssuers
      apiKeys: apiKeys
      logLevel: logLevel
      tuning: bridgeTuning
    }
  }
  // Without its roles the first start can neither read the package nor take a lease.
  dependsOn: [access]
}

module alerts 'app/alerts.bicep' = {
  name: 'alerts'
  params: {
    suffix: suffix
    location: location
    tags: allTags
    workspaceId: monitoring.outputs.workspaceId
    operatorsId: operators.outputs.operatorsId
    logDailyAlertGb: logDailyAlertGb
  }
}

module deployer 'app/deployer.bicep' = if (!empty(gitHubRepository)) {
  name: 'deployer'
  params: {
    suffix: suffix
    location: location
    tags: allTags
    subject: 'repo:${gitHubRepository}:environment:${environmentName}'
  }
}

module deployerAccess 'app/deployer-access.bicep' = if (!empty(gitHubRepository)) {
  name: 'deployer-access'
  params: {
    principalId: deployer.?outputs.principalId ?? ''
    appName: app.outputs.name
    planName: app.outputs.planName
  }
}

@description('Name of the function app.')
output appName string = app.outputs.name

@description('Base URL of the API.')
output appUrl string = app.outputs.url

@description('Vault of the secrets that an administrator sets.')
output settingsVaultName string = settingsVault.outputs.name

@description('Vault of the secrets that the app makes.')
output vaultName string = vault.outputs.name

@description('The secrets that the app waits for before it can work, as vault/name.')
output secretsToSet array = app.outputs.secretsToSet

@description('Storage account with the links: what has to survive.')
output storageName string = storage.outputs.name

@description('Client id of the identity that the GitHub workflow signs in with; empty without a repository.')
output deployerClientId string = deployer.?outputs.clientId ?? ''
