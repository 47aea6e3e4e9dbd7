// The app itself on Flex Consumption, with all its settings.
import { bridgeSettings } from 'settings.bicep'

param suffix string
param location string
param tags object
param identityName string
param storageName string
param packageContainer string
param vaultName string
param settingsVaultName string
param insightsName string
param workspaceId string
param subnetId string
@description('Address ranges, in CIDR form, from which packages may be deployed.')
param deployFrom string[]
@description('Whether packages come from runners of GitHub, which are in Azure.')
param deployFromGitHub bool
@description('Denies deployments from everywhere else.')
param restrictDeployment bool
param instanceMemoryMB int
param maximumInstanceCount int
param alwaysReadyHttpInstances int
param alwaysReadyRunInstances int
param bridge bridgeSettings

// Secrets that the administrator sets. Connections get theirs from the app, under names that begin with "conn-".
var dynamicsSecretName = 'dynamics-client-secret'
var authScapeSecretName = 'authscape-client-secret'
var refreshTokenSecretName = 'authscape-refresh-token'

var usesDynamicsSecret = !empty(bridge.dynamicsClientId)
var usesAuthScapeSecret = bridge.authScapeSignIn != 'refreshToken'
var usesRefreshToken = bridge.authScapeSignIn != 'clientSecret'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: identityName
}

resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageName
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vaultName
}

resource settingsVault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: settingsVaultName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

var secretsUri = '${settingsVault.properties.vaultUri}secrets'

// GitHub's runners have no addresses of their own; they are in Azure, and a token of the deployer's is asked for as well.
var deploymentRules = concat(
  deployFromGitHub ? [{ ipAddress: 'AzureCloud', tag: 'ServiceTag' }] : [],
  map(deployFrom, range => { ipAddress: range, tag: 'Default' })
)

// All settings that the app knows, and no other; an empty value counts as not set. What Flex Consumption keeps in
// functionAppConfig (runtime, package, scaling) must not appear here: it refuses such settings.
var settings = {
  // Addresses rather than the account's name: they are right in every cloud.
  AzureWebJobsStorage__blobServiceUri: storage.properties.primaryEndpoints.blob
  AzureWebJobsStorage__queueServiceUri: storage.properties.primaryEndpoints.queue
  AzureWebJobsStorage__tableServiceUri: storage.properties.primaryEndpoints.table
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identity.properties.clientId
  AZURE_CLIENT_ID: identity.properties.clientId
  AZURE_AUTHORITY_HOST: bridge.authorityHost
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
  KEY_VAULT_URI: vault.properties.vaultUri
  SYNC_SCHEDULE: bridge.syncSchedule
  CRM__Dynamics365__Environment: bridge.dynamicsEnvironment
  CRM__Dynamics365__TenantId: bridge.dynamicsTenantId
  CRM__Dynamics365__ClientId: bridge.dynamicsClientId
  CRM__Dynamics365__ClientSecret: usesDynamicsSecret ? '@Microsoft.KeyVault(SecretUri=${secretsUri}/${dynamicsSecretName})' : ''
  AuthScape__ApiUrl: bridge.authScapeApiUrl
  AuthScape__IdpUrl: bridge.authScapeIdpUrl
  AuthScape__Scope: bridge.authScapeScope
  AuthScape__ClientId: bridge.authScapeClientId
  AuthScape__ClientSecret: usesAuthScapeSecret ? '@Microsoft.KeyVault(SecretUri=${secretsUri}/${authScapeSecretName})' : ''
  // A name, not a reference: the app itself reads the token, and writes the next one after each use.
  AuthScape__RefreshTokenSecret: usesRefreshToken ? refreshTokenSecretName : ''
  RUN_LEASE_SECONDS: string(bridge.tuning.runLeaseSeconds)
  STEP_SECONDS: string(bridge.tuning.stepSeconds)
  DATA_TIMEOUT_SECONDS: string(bridge.tuning.dataTimeoutSeconds)
  AUTHSCAPE_WRITE_TIMEOUT_SECONDS: string(bridge.tuning.authScapeWriteTimeoutSeconds)
  RETRY_BASE_MS: string(bridge.tuning.retryBaseMs)
  RECORD_CONCURRENCY: string(bridge.tuning.recordConcurrency)
  RECORD_LANES: string(bridge.tuning.recordLanes)
  RUN_WORKERS: string(bridge.tuning.runWorkers)
  RUN_PART_RECORDS: string(bridge.tuning.runPartRecords)
  LOG_RETENTION_DAYS: string(bridge.tuning.logRetentionDays)
  RUN_RETENTION_DAYS: string(bridge.tuning.runRetentionDays)
  CONSOLE_FRAME_ANCESTORS: bridge.consoleFrameAncestors
  AUTH_MODE: bridge.authMode
  AUTH_ISSUERS: string(bridge.authIssuers)
  API_KEYS: string(bridge.apiKeys)
  OTEL_EXPORTER_OTLP_ENDPOINT: bridge.otlpEndpoint
  OTEL_METRIC_EXPORT_INTERVAL: '60000'
  LOG_LEVEL: bridge.logLevel
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${suffix}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: 'func-${suffix}'
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    // Dynamics and AuthScape call in from the internet; functions ask for a key or for the secret of a connection.
    publicNetworkAccess: 'Enabled'
    keyVaultReferenceIdentity: identity.id
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      runtime: { name: 'node', version: '22' }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      // HTTP functions share instances; the timer and each queue function scale on instances of their own, so a burst of
      // events never slows a full sync and neither slows the API. Instances of a queue function follow the length of its
      // queue divided by the messages that one instance works on (host.json: 8 + 4).
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        // Calls mostly wait for storage or Dynamics; a webhook only stores a message.
        triggers: { http: { perInstanceConcurrency: 16 } }
        alwaysReady: filter(
          [
            { name: 'http', instanceCount: alwaysReadyHttpInstances }
            { name: 'function:workerRuns', instanceCount: alwaysReadyRunInstances }
          ],
          group => group.instanceCount > 0
        )
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      scmIpSecurityRestrictionsUseMain: false
      scmIpSecurityRestrictionsDefaultAction: restrictDeployment ? 'Deny' : 'Allow'
      scmIpSecurityRestrictions: map(deploymentRules, (rule, index) => {
        name: 'deploy-${index}'
        action: 'Allow'
        priority: 100 + index
        ipAddress: rule.ipAddress
        tag: rule.tag
      })
      appSettings: map(items(settings), setting => { name: setting.key, value: setting.value })
    }
  }
}

// Deployments sign in with Entra; there are no publishing passwords.
resource noScmPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

resource noFtpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

// What the host says before telemetry is up: an app that does not even start is seen here.
resource hostLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: app
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'FunctionAppLogs', enabled: true }]
  }
}

output name string = app.name
output planName string = plan.name
output url string = 'https://${app.properties.defaultHostName}'
output secretsToSet array = concat(
  usesDynamicsSecret ? ['${settingsVaultName}/${dynamicsSecretName}'] : [],
  usesAuthScapeSecret ? ['${settingsVaultName}/${authScapeSecretName}'] : [],
  usesRefreshToken ? ['${vaultName}/${refreshTokenSecretName}'] : []
)
