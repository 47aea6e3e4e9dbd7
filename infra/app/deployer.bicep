// The identity of the GitHub workflow. GitHub vouches for the repository and the environment, so there is no secret to
// keep or to rotate. What it may do is in deployer-access.bicep.
param suffix string
param location string
param tags object
param subject string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-deploy-${suffix}'
  location: location
  tags: tags

  resource gitHub 'federatedIdentityCredentials' = {
    name: 'github'
    properties: {
      issuer: 'https://token.actions.githubusercontent.com'
      subject: subject
      audiences: ['api://AzureADTokenExchange']
    }
  }
}

output clientId string = identity.properties.clientId
output principalId string = identity.properties.principalId
