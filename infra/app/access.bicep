// What the identity of the app may do: on these four resources, and nowhere else.
//
// Two vaults, since roles of a vault cannot be bound to names: conditions of role assignments know no secrets, and a secret
// that does not exist yet is no scope. In the app's own vault are the secrets that it makes; those that an administrator
// makes it may read and no more.
param principalId string
param storageName string
param vaultName string
param settingsVaultName string
param insightsName string
param administratorId string
param administratorType string

// On the account rather than on single containers, tables or queues: the host creates containers and poison queues of its
// own there ("Connecting to host storage with an identity" asks for Blob Data Owner on the account), a role on the package's
// container alone would not let it start, and the account holds nothing of anybody else.
var storageRoles = [
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner: package, function keys, leases of the timer
  '974c5e8b-45b9-4653-ba55-5f855dd0fb88' // Storage Queue Data Contributor: triggers, jobs, poison queues
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor: state, the host's diagnostics
]
var secretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7' // Key Vault Secrets Officer: connections bring secrets
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6' // Key Vault Secrets User: settings that refer to secrets
var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb' // Monitoring Metrics Publisher: telemetry without a key

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

resource onStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in storageRoles: {
    scope: storage
    name: guid(storage.id, principalId, role)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource onVault 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, principalId, secretsOfficer)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsOfficer)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

resource onSettingsVault 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: settingsVault
  name: guid(settingsVault.id, principalId, secretsUser)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

resource onInsights 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, principalId, metricsPublisher)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

// The first refresh token of AuthScape is set in the app's vault, since the app replaces it.
resource administratorOnVault 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(administratorId)) {
  scope: vault
  name: guid(vault.id, administratorId, secretsOfficer)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsOfficer)
    principalId: administratorId
    principalType: administratorType
  }
}

resource administratorOnSettingsVault 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(administratorId)) {
  scope: settingsVault
  name: guid(settingsVault.id, administratorId, secretsOfficer)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsOfficer)
    principalId: administratorId
    principalType: administratorType
  }
}
