// What the identity of the GitHub workflow may do: put a new package into this app. It can neither change the
// infrastructure nor read the vault.
//
// A file of its own, since names of role assignments have to be known when it starts, and the principal is one part of
// them: an identity that was deleted and comes back is another principal, and an assignment cannot be given to another.
param principalId string
param appName string
param planName string

var websiteContributor = 'de139f84-1756-47ae-9be6-808fbbe84772'
var reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7' // the deployment asks the plan what kind it is

resource app 'Microsoft.Web/sites@2024-04-01' existing = {
  name: appName
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' existing = {
  name: planName
}

resource onApp 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: app
  name: guid(app.id, principalId, websiteContributor)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', websiteContributor)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

resource onPlan 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: plan
  name: guid(plan.id, principalId, reader)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', reader)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
