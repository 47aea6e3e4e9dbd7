// Where logs and telemetry go. Only Entra identities may send: a leaked connection string lets nobody write. There is no
// daily cap: it would cut what alerts and audit are made of, just when there is much to tell. An alert on the volume and a
// budget bound the costs instead.
param suffix string
param location string
param tags object
param retentionDays int

resource workspace 'Microsoft.OperationalInsights/workspaces@2022-10-01' = {
  name: 'log-${suffix}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    features: { disableLocalAuth: true }
    workspaceCapping: { dailyQuotaGb: -1 }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${suffix}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    IngestionMode: 'LogAnalytics'
    DisableLocalAuth: true
  }
}

// What the app counts, drawn: records, requests, waits, queues, events.
resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, suffix, 'workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'AuthScape and Dynamics (${suffix})'
    category: 'workbook'
    sourceId: workspace.id
    serializedData: replace(loadTextContent('workbook.json'), 'WORKSPACE_ID', workspace.id)
  }
}

output workspaceId string = workspace.id
output insightsName string = insights.name
