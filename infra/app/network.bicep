// Optional: storage and vault reachable only from inside of a network that the app is part of.
param suffix string
param location string
param tags object
param addressPrefix string
param storageName string
param vaultName string
param settingsVaultName string

resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageName
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vaultName
}

resource settingsVault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: settingsVaultName
}

// Instances of a Flex Consumption app take addresses from their subnet: /26 has room for the default maximum.
resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: 'vnet-${suffix}'
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressPrefix] }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 0)
          delegations: [
            {
              name: 'flex-consumption'
              properties: { serviceName: 'Microsoft.App/environments' }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 1)
          privateEndpointNetworkPolicies: 'Disabled'
        }
      }
    ]
  }

  resource appSubnet 'subnets' existing = {
    name: 'app'
  }

  resource endpointSubnet 'subnets' existing = {
    name: 'endpoints'
  }
}

var vaultZone = 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'
var services = [
  { name: 'blob', group: 'blob', target: storage.id, zone: 'privatelink.blob.${environment().suffixes.storage}' }
  { name: 'queue', group: 'queue', target: storage.id, zone: 'privatelink.queue.${environment().suffixes.storage}' }
  { name: 'table', group: 'table', target: storage.id, zone: 'privatelink.table.${environment().suffixes.storage}' }
  { name: 'vault', group: 'vault', target: vault.id, zone: vaultZone }
  { name: 'settings-vault', group: 'vault', target: settingsVault.id, zone: vaultZone }
]
// Both vaults are found in the same zone.
var zoneNames = union(map(services, service => service.zone), [])

resource zones 'Microsoft.Network/privateDnsZones@2020-06-01' = [
  for zone in zoneNames: {
    name: zone
    location: 'global'
    tags: tags
  }
]

resource zoneLinks 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2020-06-01' = [
  for (zone, index) in zoneNames: {
    parent: zones[index]
    name: 'to-${network.name}'
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: { id: network.id }
    }
  }
]

resource endpoints 'Microsoft.Network/privateEndpoints@2024-05-01' = [
  for service in services: {
    name: 'pe-${service.name}-${suffix}'
    location: location
    tags: tags
    properties: {
      subnet: { id: network::endpointSubnet.id }
      privateLinkServiceConnections: [
        {
          name: service.group
          properties: {
            privateLinkServiceId: service.target
            groupIds: [service.group]
          }
        }
      ]
    }
  }
]

resource zoneGroups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = [
  for (service, index) in services: {
    parent: endpoints[index]
    name: 'default'
    dependsOn: [zones]
    properties: {
      privateDnsZoneConfigs: [
        {
          name: service.group
          properties: { privateDnsZoneId: resourceId('Microsoft.Network/privateDnsZones', service.zone) }
        }
      ]
    }
  }
]

output appSubnetId string = network::appSubnet.id
