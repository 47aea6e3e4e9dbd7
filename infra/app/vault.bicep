// A vault: one holds the secrets that the app makes, another those that the administrator sets.
param name string
param location string
param tags object
param isPrivate bool
param protect bool
param workspaceId string
@description('Who hears of a secret that is about to expire.')
param operatorsId string

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    // Nobody can destroy a secret at once, not even whoever took the app over. The price: the name of a removed vault
    // stays taken for 90 days, unless it is recovered.
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      bypass: 'None'
    }
  }
}

// Who read or changed which secret, and when.
resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'AuditEvent', enabled: true }]
  }
}

// Said by the vault itself 30 days before the date that a secret was given, and again when it is past.
resource events 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'evgt-${name}'
  location: location
  tags: tags
  properties: {
    source: vault.id
    topicType: 'Microsoft.KeyVault.vaults'
  }

  resource expiry 'eventSubscriptions' = {
    name: 'expiring-secrets'
    properties: {
      eventDeliverySchema: 'CloudEventSchemaV1_0'
      filter: { includedEventTypes: ['Microsoft.KeyVault.SecretNearExpiry', 'Microsoft.KeyVault.SecretExpired'] }
      destination: {
        endpointType: 'MonitorAlert'
        properties: {
          severity: 'Sev2'
          description: 'A secret expires, or has expired: renew it at its owner and set the new one.'
          actionGroups: [operatorsId]
        }
      }
    }
  }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (protect) {
  scope: vault
  name: 'keep-secrets'
  properties: {
    level: 'CanNotDelete'
    notes: 'Holds the credentials of all connections.'
  }
}

output name string = vault.name
