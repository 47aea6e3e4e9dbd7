// Development: cheap, short-lived, may be thrown away. What differs between installations comes from the environment of the shell; none of it is secret.
using '../main.bicep'

param environmentName = 'dev'

param authScapeApiUrl = readEnvironmentVariable('AUTHSCAPE_API_URL')
param authScapeIdpUrl = readEnvironmentVariable('AUTHSCAPE_IDP_URL')
param authScapeClientId = readEnvironmentVariable('AUTHSCAPE_CLIENT_ID')
param alertEmail = readEnvironmentVariable('ALERT_EMAIL')

param authScapeSignIn = readEnvironmentVariable('AUTHSCAPE_SIGN_IN', 'clientSecret')
param dynamicsEnvironment = readEnvironmentVariable('DYNAMICS_ENVIRONMENT', '')
param dynamicsTenantId = readEnvironmentVariable('DYNAMICS_TENANT_ID', '')
param dynamicsClientId = readEnvironmentVariable('DYNAMICS_CLIENT_ID', '')
param administratorId = readEnvironmentVariable('ADMINISTRATOR_ID', '')
param administratorType = readEnvironmentVariable('ADMINISTRATOR_TYPE', 'Group')
param gitHubRepository = readEnvironmentVariable('GITHUB_REPOSITORY', '')
var deployFromText = readEnvironmentVariable('DEPLOY_FROM', '')
param deployFrom = empty(deployFromText) ? [] : split(deployFromText, ',')

param storageSku = 'Standard_LRS'
param protectData = false
param logRetentionDays = 30
param logDailyAlertGb = 1
