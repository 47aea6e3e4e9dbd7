// One account for the state of the bridge, its queues, and what the host keeps (leases, function keys, the package).
// It belongs to this app alone, so roles on the account reach nothing else.
param name string
param location string
param tags object
param sku string
param isPrivate bool
param protect bool
param workspaceId string
@description('Logs who read which table: links hold personal data.')
param logTableReads bool

// The app creates what is missing; they are here so that the first call finds them and the list can be read in one place.
// Lifecycle: rows go when their connection is deleted, scratch rows with their run. Links stay: they are the one thing
// that cannot be had again from elsewhere. Audit entries stay too.
var tables = [
  'Alerts'
  'Audit'
  'Backlog'
  'Connections'
  'DeadLetters'
  'Due'
  'Feeds'
  'Idempotency'
  'KeyClaims'
  'LinkClaims'
  'Links'
  'Logs'
  'Mappings'
  'Problems'
  'Processes'
  'Runs'
  'Staging'
  'Stats'
  'Webhooks'
]

// Messages of the app never expire; those that failed five times go to the poison queue and become dead letters from there.
var queues = [
  'sync-runs'
  'sync-runs-poison'
  'sync-records'
  'sync-records-poison'
]

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      bypass: 'None'
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: account
  name: 'default'
  properties: {
    // Function keys and the package can be had back after a slip.
    deleteRetentionPolicy: { enabled: true, days: 14 }
    containerDeleteRetentionPolicy: { enabled: true, days: 14 }
  }
}

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobs
  name: 'packages'
  properties: { publicAccess: 'None' }
}

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2023-05-01' = {
  parent: account
  name: 'default'
}

resource stateTables 'Microsoft.Storage/storageAccounts/tableServices/tables@2023-05-01' = [
  for table in tables: {
    parent: tableService
    name: table
  }
]

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2023-05-01' = {
  parent: account
  name: 'default'
}

resource workQueues 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = [
  for queue in queues: {
    parent: queueService
    name: queue
  }
]

// The metric of a queue's length is renewed about once a day: too late for an alert. The log of what was put and taken
// tells both how long messages wait and what was given up. Reads are left out: the host polls every second.
resource queueLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: queueService
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [
      { category: 'StorageWrite', enabled: true }
      { category: 'StorageDelete', enabled: true }
    ]
  }
}

resource tableLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (logTableReads) {
  scope: tableService
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'StorageRead', enabled: true }]
  }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (protect) {
  scope: account
  name: 'keep-links'
  properties: {
    level: 'CanNotDelete'
    notes: 'Holds the links between AuthScape and Dynamics, which cannot be rebuilt without matching anew.'
  }
}

output name string = account.name
output packageContainer string = packages.name
