// What a person has to hear about. All rules read the workspace: metrics know neither failed runs nor poison messages.
param suffix string
param location string
param tags object
param workspaceId string
param operatorsId string
@description('GB of logs in a day that are too many.')
param logDailyAlertGb int

// Queries are not checked when they are deployed: in a new workspace their tables do not exist before the first entry.
var rules = [
  {
    name: 'failed-runs'
    title: 'A sync run failed'
    text: 'GET /api/connections/{id}/runs shows the run with its error and a hint.'
    severity: 2
    window: 'PT15M'
    threshold: 0
    query: '''
AppTraces
| where Message has "A run failed"
'''
  }
  {
    // Two ways lead there: a message that failed each time, and an event whose record one side refuses.
    name: 'dead-letters'
    title: 'Something became a dead letter'
    text: 'GET /api/connections/{id}/dead-letters lists what was given up, with the reason and a way to try again.'
    severity: 2
    window: 'PT15M'
    threshold: 0
    query: '''
union isfuzzy=true
  (StorageQueueLogs
  | where OperationName == "PutMessage" and StatusCode startswith "2"
  | where Uri has_any ("sync-runs-poison", "sync-records-poison")),
  (AppTraces
  | where Message has "An event became a dead letter")
'''
  }
  {
    // Queues are worked on in order, so the oldest message is older than half an hour exactly when more were put before
    // that than were taken until now.
    name: 'queue-age'
    title: 'Messages wait for more than half an hour'
    text: 'The workers do not keep up or do not run. See the exceptions, and whether Dynamics or AuthScape limit requests.'
    severity: 2
    window: 'P1D'
    threshold: 0
    query: '''
StorageQueueLogs
| where OperationName in ("PutMessage", "DeleteMessage") and StatusCode startswith "2"
| extend queue = extract(@"/(sync-runs|sync-records)/messages", 1, tolower(Uri))
| where isnotempty(queue)
| summarize put = countif(OperationName == "PutMessage" and TimeGenerated < ago(30m)), taken = countif(OperationName == "DeleteMessage") by queue
| where put > taken
'''
  }
  {
    name: 'server-errors'
    title: 'The API answers with server errors'
    text: 'More than five answers with 500 or above within 15 minutes; each has a trace id that the exceptions carry too.'
    severity: 2
    window: 'PT15M'
    threshold: 0
    query: '''
AppMetrics
| where Name == "bridge.api.answers" and toint(Properties["status"]) >= 500
| summarize answers = sum(Sum)
| where answers > 5
'''
  }
  {
    // Also fires when nothing is deployed yet.
    name: 'silence'
    title: 'The schedule has not ticked for an hour'
    text: 'The app does not start, or its telemetry does not arrive. FunctionAppLogs tells what the host says.'
    severity: 1
    window: 'PT1H'
    threshold: 0
    query: '''
AppMetrics
| where Name == "bridge.timer.ticks"
| summarize ticks = sum(Sum)
| where ticks == 0
'''
  }
  {
    name: 'refused-events'
    title: 'The webhook receiver refuses many callers'
    text: 'More than 50 answers with 401 within 15 minutes: a secret that was changed on one side only, or somebody who tries.'
    severity: 2
    window: 'PT15M'
    threshold: 0
    query: '''
AppMetrics
| where Name == "bridge.api.answers"
| where tostring(Properties["function"]) == "eventsDynamics" and tostring(Properties["status"]) == "401"
| summarize refused = sum(Sum)
| where refused > 50
'''
  }
  {
    // The first request of each client is answered with 401 by design, and is no denial.
    name: 'vault-denials'
    title: 'A vault has denied somebody'
    text: 'Somebody without the right asked for a secret, or the app has lost its role. AuditEvent shows who and what.'
    severity: 2
    window: 'PT15M'
    threshold: 0
    query: '''
AzureDiagnostics
| where ResourceProvider == "MICROSOFT.KEYVAULT" and Category == "AuditEvent" and httpStatusCode_d == 403
'''
  }
  {
    name: 'log-volume'
    title: 'More is logged than expected'
    text: 'Nothing is cut off. See in Usage which table grows, and why: errors in a loop, or somebody who calls without end.'
    severity: 3
    window: 'P1D'
    threshold: 0
    query: '''
Usage
| where IsBillable
| summarize gb = sum(Quantity) / 1000
| where gb > DAILY_GB
'''
  }
]

resource alerts 'Microsoft.Insights/scheduledQueryRules@2022-06-15' = [
  for rule in rules: {
    name: '${rule.name}-${suffix}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.title
      description: rule.text
      severity: rule.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT15M'
      windowSize: rule.window
      skipQueryValidation: true
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: replace(rule.query, 'DAILY_GB', string(logDailyAlertGb))
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: rule.threshold
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: { actionGroups: [operatorsId] }
    }
  }
]
