// Who hears about alerts and money.
param suffix string
param tags object
param email string
@description('USD, or what the subscription is billed in, that the group may cost in a month.')
param monthlyBudget int
@description('First day of a month; only looked at when the budget is made.')
param budgetStart string

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'bridge'
    enabled: true
    emailReceivers: [
      {
        name: 'operators'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource budget 'Microsoft.Consumption/budgets@2023-11-01' = {
  name: 'budget-${suffix}'
  properties: {
    category: 'Cost'
    timeGrain: 'Monthly'
    amount: monthlyBudget
    timePeriod: { startDate: budgetStart }
    filter: {
      dimensions: {
        name: 'ResourceGroupName'
        operator: 'In'
        values: [resourceGroup().name]
      }
    }
    notifications: {
      most: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: [email]
        contactGroups: [operators.id]
      }
      all: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: [email]
        contactGroups: [operators.id]
      }
    }
  }
}

output operatorsId string = operators.id
