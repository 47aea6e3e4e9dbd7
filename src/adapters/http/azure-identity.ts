/** What of the library is in the bundle: an import where it is used would take in the rest. */
export { DefaultAzureCredential, ManagedIdentityCredential } from '@azure/identity';
