// What the identity of the GitHub workflow may do: put a new package into this app. It changes no setting, reads no setting
// and no key, and has no role on storage or vaults. But what it deploys runs with the identity of the app: whoever can
// deploy can write code that reads what the app can read. So the environment in GitHub is what has to be protected.
//
// A file of its own, since names of role assignments have to be known when it starts, and the principal is one part of
// them: an identity that was deleted and comes back is another principal, and an assignment cannot be given to another.
param principalId string
param appName string
param planName string

resource app 'Microsoft.Web/sites@2024-04-01' existing = {
  name: appName
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' existing = {
  name: planName
}

// The least built-in role that may deploy, Website Contributor, may also change the settings and list the function keys.
resource deployPackages 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, appName, 'deploy packages')
  properties: {
    roleName: 'Deploy packages to ${appName}'
    description: 'Puts packages into one function app. What is deployed runs with the rights of that app.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [
      {
        actions: [
          'Microsoft.Web/sites/read'
          'Microsoft.Web/sites/config/read' // without the values of settings, which are an action of their own
          'Microsoft.Web/sites/publish/action' // what the deployment service asks for
          'Microsoft.Web/serverfarms/read' // the command asks the plan what kind it is
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource onApp 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: app
  name: guid(app.id, principalId, deployPackages.id)
  properties: {
    roleDefinitionId: deployPackages.id
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

resource onPlan 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: plan
  name: guid(plan.id, principalId, deployPackages.id)
  properties: {
    roleDefinitionId: deployPackages.id
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
