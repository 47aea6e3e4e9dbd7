/** Made from the OpenAPI document by `npm run generate:client`. */
export interface paths {
    "/api/connections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List connections */
        get: operations["connectionsList"];
        put?: never;
        /** Make a connection */
        post: operations["connectionsCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a connection */
        get: operations["connectionsGet"];
        put?: never;
        post?: never;
        /** Remove a connection with its mappings, links, logs, runs and secrets */
        delete: operations["connectionsDelete"];
        options?: never;
        head?: never;
        /** Change parts of a connection */
        patch: operations["connectionsPatch"];
        trace?: never;
    };
    "/api/connections/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try whether both sides can be reached with the rights that syncing needs */
        post: operations["connectionsTest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read where alerts go */
        get: operations["alertsGet"];
        /** Set where alerts go, anew: also switches on what was switched off */
        put: operations["alertsSet"];
        post?: never;
        /** End alerts */
        delete: operations["alertsDelete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/mappings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the mappings of a connection */
        get: operations["mappingsList"];
        put?: never;
        /** Map an entity of AuthScape to a table of Dynamics */
        post: operations["mappingsCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/mappings/{mappingId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a mapping with its fields and relationships */
        get: operations["mappingsGet"];
        put?: never;
        post?: never;
        /** Remove a mapping with its links */
        delete: operations["mappingsDelete"];
        options?: never;
        head?: never;
        /** Change parts of a mapping */
        patch: operations["mappingsPatch"];
        trace?: never;
    };
    "/api/connections/{id}/mappings/{mappingId}/fields": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the field mappings */
        get: operations["fieldsList"];
        /** Replace all field mappings in one step */
        put: operations["fieldsReplace"];
        /** Add a field mapping */
        post: operations["fieldsAdd"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/mappings/{mappingId}/fields/{fieldId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a field mapping */
        get: operations["fieldsGet"];
        put?: never;
        post?: never;
        /** Remove a field mapping */
        delete: operations["fieldsDelete"];
        options?: never;
        head?: never;
        /** Change parts of a field mapping */
        patch: operations["fieldsPatch"];
        trace?: never;
    };
    "/api/connections/{id}/mappings/{mappingId}/relationships": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the relationships */
        get: operations["relationshipsList"];
        put?: never;
        /** Add a relationship */
        post: operations["relationshipsAdd"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/mappings/{mappingId}/relationships/{relationshipId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a relationship */
        get: operations["relationshipsGet"];
        put?: never;
        post?: never;
        /** Remove a relationship */
        delete: operations["relationshipsDelete"];
        options?: never;
        head?: never;
        /** Change parts of a relationship */
        patch: operations["relationshipsPatch"];
        trace?: never;
    };
    "/api/connections/{id}/schema/entities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the tables of Dynamics */
        get: operations["schemaTables"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/schema/entities/{logicalName}/fields": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the columns of a table */
        get: operations["schemaColumns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/schema/authscape/{entity}/fields": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the fields of an AuthScape entity */
        get: operations["schemaAuthScapeFields"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start a sync */
        post: operations["runsRequest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{runId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a run with its progress */
        get: operations["runsGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the runs of a connection, newest first */
        get: operations["runsList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{runId}/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what a run wrote, record by record (a dry run: what it would write) */
        get: operations["runsChanges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{runId}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel a run */
        post: operations["runsCancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{runId}/take-back": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take a sample back: write back what it replaced, and unlink its pairs */
        post: operations["runsTakeBack"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{runId}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a run write what the mass-delete guard holds */
        post: operations["runsApprove"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{runId}/reject": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Drop what the mass-delete guard holds */
        post: operations["runsReject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{userId}/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sync one user now, over every enabled connection that maps it */
        post: operations["recordsSyncUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/companies/{companyId}/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sync one company now, over every enabled connection that maps it */
        post: operations["recordsSyncCompany"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/locations/{locationId}/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sync one location now, over every enabled connection that maps it */
        post: operations["recordsSyncLocation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/records/{crmEntity}/{crmId}/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sync one row of Dynamics now */
        post: operations["recordsSyncRow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/mappings/{mappingId}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Show what a sync of one record would write, without writing */
        post: operations["recordsPreview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/records/{entity}/{authScapeId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show everything that is known of one record; reads both systems */
        get: operations["recordsView"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/records": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Find records of both sides by name, e-mail or id; reads both systems */
        get: operations["recordsSearch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List which records belong together */
        get: operations["linksList"];
        put?: never;
        /** Link two records by hand and merge them for the first time */
        post: operations["linksCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/problems": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what a person should look at */
        get: operations["problemsList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/problems/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Look at problems again now, whatever their back-off */
        post: operations["problemsRetry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read what the last days brought */
        get: operations["statsGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/diagnostics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Find out how a connection stands; reads both systems, which may take half a minute */
        get: operations["diagnosticsGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/links/{linkId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Unlink two records; neither is changed */
        delete: operations["linksDelete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what happened to single records, newest first */
        get: operations["logsList"];
        put?: never;
        post?: never;
        /** Remove old log entries */
        delete: operations["logsDelete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/duplicates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Find duplicates on each side, and unlinked pairs that would match; reads both systems */
        get: operations["duplicatesList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/erase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take the values of a person out of what the service has stored, not out of the two systems */
        post: operations["recordsErase"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/webhook": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show what is registered in Dynamics */
        get: operations["webhookGet"];
        put?: never;
        /** Register the webhook in Dynamics, or repair it */
        post: operations["webhookRegister"];
        /** Unregister the webhook */
        delete: operations["webhookDelete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/webhook/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a new webhook secret; the present one is taken for a day more */
        post: operations["webhookRotateSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/webhook/power-automate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Describe the Power Automate flows that do what the webhook does */
        get: operations["webhookPowerAutomate"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what could not be processed */
        get: operations["deadLettersList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/dead-letters/{letterId}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Process one dead letter again */
        post: operations["deadLettersReplay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/dead-letters/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Process all dead letters again */
        post: operations["deadLettersReplayAll"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/dead-letters/{letterId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Drop one dead letter */
        delete: operations["deadLettersDelete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/crm/webhook/dynamics/{connectionId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take an event of Dynamics (webhook or Power Automate); the webhook secret comes in the header x-authscape-webhook-secret or as ?code= */
        post: operations["eventsDynamics"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/authscape/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take events of AuthScape */
        post: operations["eventsAuthScape"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/configuration": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export the configuration of all connections, or of one by name or id */
        get: operations["configurationGet"];
        /** Carry out a configuration, each connection whole or not at all */
        put: operations["configurationPut"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/configuration/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Show what carrying out a configuration would change; `prune` takes away what it does not name */
        post: operations["configurationPlan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List who changed and did what, newest first */
        get: operations["auditList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tell the version, and whether storage and Key Vault answer */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document */
        get: operations["openApi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description One Dynamics environment and how it is synced. Secrets are never shown, only whether there is one. */
        Connection: {
            id: string;
            name: string;
            /** @constant */
            provider: "Dynamics365";
            environment: string;
            tenantId: string | null;
            clientId: string | null;
            hasClientSecret: boolean;
            credential: {
                /** @constant */
                kind: "clientSecret";
            } | {
                /** @constant */
                kind: "certificate";
                name: string;
            } | {
                /** @constant */
                kind: "managedIdentity";
            };
            credentialExpiresAt: string | null;
            /** @enum {string} */
            direction: "Bidirectional" | "Inbound" | "Outbound";
            enabled: boolean;
            syncIntervalMinutes: number;
            fullSyncSchedule: string | null;
            /** @enum {string} */
            conflictPolicy: "lastWriteWins" | "dynamicsWins" | "authScapeWins";
            /** @enum {string} */
            deletePolicy: "deactivate" | "delete" | "unlink" | "ignore";
            massDeleteGuard: {
                count: number;
                percent: number;
            } | null;
            /** @enum {string} */
            logValues: "all" | "changedOnly" | "none";
            hasWebhookSecret: boolean;
            lastSyncAt: string | null;
            /** @description Null: timer and events do nothing yet. */
            firstFullSyncAt: string | null;
            /** @description Scheme and host that alerts are posted to. */
            alertsTo: string | null;
            lastSyncError: {
                code: string;
                message: string;
            } | null;
            messages: string[];
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        ConnectionTest: {
            ok: boolean;
            steps: {
                name: string;
                ok: boolean;
                durationMs: number;
                code?: string;
                detail?: string;
                hint?: string;
            }[];
            organizationId?: string;
            userId?: string;
        };
        /** @description Where alerts of a connection go, and what was told and is not over. */
        Alerts: {
            origin: string;
            /** @enum {string} */
            format: "json" | "teamsWorkflow";
            hasSecret: boolean;
            afterIntervals: number;
            disabledAt: string | null;
            failingSince: string | null;
            pending: number;
            open: {
                /** @enum {string} */
                kind: "runFailed" | "runPartiallySucceeded" | "changesHeld" | "credentialsFailing" | "secretExpires" | "nothingSynced";
                /** Format: date-time */
                since: string;
                runId?: string;
                code?: string;
                expiresAt?: string;
            }[];
        };
        /** @description Which table an entity of AuthScape is synced with, and how. */
        Mapping: {
            id: string;
            connectionId: string;
            /** @enum {string} */
            authScapeEntity: "User" | "Company" | "Location";
            crmEntity: string;
            /** @enum {string} */
            direction: "Bidirectional" | "Inbound" | "Outbound";
            enabled: boolean;
            filter: string | null;
            matchBy: string[];
            fields: components["schemas"]["FieldMapping"][];
            relationships: components["schemas"]["RelationshipMapping"][];
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        /** @description Which column a field of AuthScape is synced with, and how. */
        FieldMapping: {
            id: string;
            authScapeField: string;
            crmField: string;
            /** @enum {string} */
            direction: "Bidirectional" | "Inbound" | "Outbound";
            enabled: boolean;
            required: boolean;
            syncNullValues: boolean;
            transform: ({
                /** @constant */
                type: "stateCode";
                inverted?: boolean;
            } | {
                /** @constant */
                type: "boolean";
                inverted?: boolean;
            } | {
                /** @constant */
                type: "optionSet";
                /** @enum {string} */
                by?: "value" | "label";
                language?: number;
            } | {
                /** @constant */
                type: "date";
                timeZone?: string;
            } | {
                /** @constant */
                type: "number";
                decimals?: number;
            } | {
                /** @enum {string} */
                type: "uppercase" | "lowercase" | "titleCase" | "trim";
            } | {
                /** @constant */
                type: "concatenate";
                fields: string[];
                separator?: string;
            } | {
                /** @constant */
                type: "split";
                separator: string;
                index: number;
            } | {
                /** @constant */
                type: "default";
                value: string | number | boolean;
            } | {
                /** @constant */
                type: "valueMap";
                map: {
                    [key: string]: string | number | boolean;
                };
            }) | null;
        };
        /** @description Which lookup a reference of AuthScape is synced with. */
        RelationshipMapping: {
            id: string;
            /** @enum {string} */
            authScapeField: "companyId" | "locationId";
            /** @enum {string} */
            relatedEntity: "Company" | "Location";
            crmLookupField: string;
            crmRelatedEntity: string;
            /** @enum {string} */
            direction: "Bidirectional" | "Inbound" | "Outbound";
            enabled: boolean;
            syncNullValues: boolean;
            autoCreateRelated: boolean;
        };
        /** @description A table of Dynamics. */
        Table: {
            logicalName: string;
            entitySetName: string;
            displayName: string | null;
            primaryId: string;
            primaryName: string | null;
            changeTracking: boolean;
            optimisticConcurrency: boolean;
        };
        /** @description A column of a table of Dynamics. */
        Column: {
            name: string;
            displayName: string | null;
            type: string;
            format: ("email" | "url" | "phone") | null;
            maxLength: number | null;
            precision: number | null;
            minValue: number | null;
            maxValue: number | null;
            options: {
                value: number;
                label: string | null;
                state?: number;
            }[] | null;
            /** @enum {string} */
            required: "none" | "recommended" | "application" | "system";
            readable: boolean;
            creatable: boolean;
            updatable: boolean;
            readOnly: boolean;
            targets: string[] | null;
        };
        /** @description A field of an AuthScape entity, custom fields included. */
        AuthScapeField: {
            name: string;
            key: string;
            type: string;
            maxLength: number | null;
            required: boolean;
            readable: boolean;
            writable: boolean;
            readOnly: boolean;
            inList: boolean;
            options: {
                key: string;
                label: string;
            }[] | null;
            custom: boolean;
        };
        /** @description One sync of a connection with its progress. */
        Run: {
            id: string;
            connectionId: string;
            /** @enum {string} */
            mode: "full" | "incremental";
            /** @enum {string} */
            trigger: "manual" | "schedule";
            dryRun: boolean;
            sample?: number | string[];
            /** @enum {string} */
            status: "queued" | "running" | "awaitingApproval" | "succeeded" | "partiallySucceeded" | "failed" | "cancelled";
            /** @enum {string} */
            phase: "preparing" | "readingDynamics" | "readingAuthScape" | "comparing" | "matching" | "retrying" | "removing" | "finishing" | "done";
            percent: number;
            etaSeconds: number | null;
            counts: {
                read: number;
                created: number;
                updated: number;
                deactivated: number;
                deleted: number;
                linked: number;
                unchanged: number;
                skipped: number;
                conflicts: number;
                failed: number;
            };
            bySide: {
                authScape: {
                    created: number;
                    updated: number;
                    deactivated: number;
                    deleted: number;
                };
                dynamics: {
                    created: number;
                    updated: number;
                    deactivated: number;
                    deleted: number;
                };
            };
            requests: {
                dynamics: number;
                authScape: number;
                storage: number;
            };
            messages: string[];
            startedAt: string | null;
            finishedAt: string | null;
            error: components["schemas"]["Failure"] | null;
        };
        Failure: {
            code: string;
            message: string;
            hint?: string;
        };
        /** @description A change in the list of its run; decisions name held ones by `id`. */
        RunChange: {
            id: string;
            /** Format: date-time */
            at: string;
            mappingId: string;
            /** @enum {string} */
            entity: "User" | "Company" | "Location";
            authScapeId: string | null;
            crmEntity: string;
            crmId: string | null;
            side: ("authScape" | "dynamics") | null;
            /** @enum {string} */
            action: "create" | "update" | "link" | "deactivate" | "delete" | "unlink" | "none";
            fields: components["schemas"]["FieldChange"][];
            /** @enum {string} */
            outcome: "created" | "updated" | "unchanged" | "linked" | "deactivated" | "deleted" | "skipped" | "conflict" | "failed";
            error?: {
                code: string;
                message: string;
                field?: string;
            };
        };
        /** @description What was written to one field, and which rule decided it; `withheld`: its values are not kept. */
        FieldChange: {
            field: string;
            from: unknown;
            to: unknown;
            rule: string;
            dropped?: unknown;
            /** @enum {string} */
            winner?: "authScape" | "dynamics";
            estimated?: boolean;
            withheld?: boolean;
        };
        TakenBack: {
            /** @description Pairs that are linked no more. */
            unlinked: number;
            /** @description Values that stand again as before. */
            restored: number;
            kept: {
                mappingId: string;
                authScapeId: string;
                crmId: string;
                /** @enum {string} */
                side: "authScape" | "dynamics";
                field: string;
                /** @enum {string} */
                reason: "changed" | "withheld" | "gone" | "refused";
            }[];
            /** @description Pairs that another worker has in hand: call again. */
            busy: number;
        };
        /** @description What was done with one record in every mapping that takes it. */
        RecordResults: {
            results: {
                connectionId: string;
                mappingId: string;
                /** @enum {string} */
                outcome: "created" | "updated" | "unchanged" | "linked" | "deactivated" | "deleted" | "skipped" | "conflict" | "failed";
                authScapeId: string | null;
                crmId?: string;
                changes: components["schemas"]["Change"][];
                error?: {
                    code: string;
                    message: string;
                };
            }[];
        };
        /** @description What was (in a dry run: would be) written to one side of one pair. */
        Change: {
            mappingId: string;
            /** @enum {string} */
            entity: "User" | "Company" | "Location";
            authScapeId: string | null;
            crmEntity: string;
            crmId: string | null;
            side: ("authScape" | "dynamics") | null;
            /** @enum {string} */
            action: "create" | "update" | "link" | "deactivate" | "delete" | "unlink" | "none";
            fields: components["schemas"]["FieldChange"][];
            /** @enum {string} */
            outcome: "created" | "updated" | "unchanged" | "linked" | "deactivated" | "deleted" | "skipped" | "conflict" | "failed";
            error?: {
                code: string;
                message: string;
                field?: string;
            };
        };
        /** @description Everything that is known of one record: why it has its values. */
        RecordPage: {
            /** @enum {string} */
            entity: "User" | "Company" | "Location";
            authScapeId: string;
            crmEntity: string;
            crmId: string | null;
            mappingId: string;
            mappingIds: string[];
            link: components["schemas"]["LinkDetail"] | null;
            authScape: {
                active: boolean;
                /** Format: date-time */
                readAt: string;
            } | null;
            dynamics: {
                active: boolean;
                modifiedOn: string | null;
                mergedInto: string | null;
                /** Format: date-time */
                readAt: string;
            } | null;
            unavailable: {
                code: string;
                message: string;
            } | null;
            fields: {
                id: string;
                authScapeField: string;
                crmField: string;
                /** @enum {string} */
                direction: "Bidirectional" | "Inbound" | "Outbound" | "none";
                authScape: unknown;
                dynamics: unknown;
                unread: ("authScape" | "dynamics")[];
                base: {
                    authScape: unknown;
                    dynamics: unknown;
                } | null;
                differs: boolean | null;
                changed: ("authScape" | "dynamics")[];
                lastChange: {
                    /** Format: date-time */
                    at: string;
                    side: ("authScape" | "dynamics") | null;
                    rule: string;
                    from: unknown;
                    to: unknown;
                    runId: string | null;
                    withheld?: boolean;
                } | null;
            }[];
            log: components["schemas"]["LogEntry"][];
            failures: {
                id: string;
                /** @enum {string} */
                kind: "failed" | "ambiguous" | "skipped";
                code: string;
                message: string;
                field: string | null;
                /** Format: date-time */
                since: string;
                /** Format: date-time */
                lastSeenAt: string;
                attempts: number;
                runId: string | null;
            }[];
            marks: {
                reason: string;
                attempts: number;
                /** Format: date-time */
                notBefore: string;
            }[];
            held: {
                id: string;
                category: string;
                runId: string;
                /** Format: date-time */
                heldAt: string;
            }[];
            deadLetters: components["schemas"]["DeadLetter"][];
        };
        LinkDetail: {
            id: string;
            mappingId: string;
            /** @enum {string} */
            entity: "User" | "Company" | "Location";
            authScapeId: string;
            crmEntity: string;
            crmId: string;
            /** @enum {string} */
            state: "linked" | "tombstone";
            /** Format: date-time */
            createdAt: string;
            lastSyncedAt: string | null;
            clean: boolean;
            tombstone: {
                [key: string]: unknown;
            } | null;
        };
        /** @description One entry of the log of single records. */
        LogEntry: {
            id: string;
            /** Format: date-time */
            at: string;
            /** @enum {string} */
            status: "success" | "conflict" | "skipped" | "failed" | "held";
            /** @enum {string} */
            trigger: "run" | "event" | "record";
            runId: string | null;
            mappingId: string;
            /** @enum {string} */
            entity: "User" | "Company" | "Location";
            authScapeId: string | null;
            crmEntity: string;
            crmId: string | null;
            side: ("authScape" | "dynamics") | null;
            /** @enum {string} */
            action: "create" | "update" | "link" | "deactivate" | "delete" | "unlink" | "none";
            fields: components["schemas"]["FieldChange"][];
            /** @enum {string} */
            outcome: "created" | "updated" | "unchanged" | "linked" | "deactivated" | "deleted" | "skipped" | "conflict" | "failed";
            error?: {
                code: string;
                message: string;
                field?: string;
            };
        };
        /** @description Work that was given up, and why. It names ids only. */
        DeadLetter: {
            id: string;
            /** @enum {string} */
            kind: "run" | "record" | "unread";
            input: {
                [key: string]: unknown;
            };
            cause: {
                code: string;
                message: string;
            };
            count: number;
            /** Format: date-time */
            firstFailedAt: string;
            /** Format: date-time */
            lastFailedAt: string;
        };
        /** @description Records of both sides, a linked pair as one. */
        FoundRecords: {
            items: {
                mappingId: string;
                /** @enum {string} */
                entity: "User" | "Company" | "Location";
                crmEntity: string;
                authScapeId: string | null;
                crmId: string | null;
                authScape: {
                    name: string | null;
                    email: string | null;
                    active: boolean;
                } | null;
                dynamics: {
                    name: string | null;
                    email: string | null;
                    active: boolean;
                } | null;
                link: components["schemas"]["Link"] | null;
            }[];
            truncated: boolean;
        };
        /** @description Which record of AuthScape belongs to which row of Dynamics. */
        Link: {
            id: string;
            mappingId: string;
            /** @enum {string} */
            entity: "User" | "Company" | "Location";
            authScapeId: string;
            crmEntity: string;
            crmId: string;
            /** @enum {string} */
            state: "linked" | "tombstone";
            /** Format: date-time */
            createdAt: string;
            lastSyncedAt: string | null;
        };
        LinkPreview: {
            mappingId: string;
            /** @enum {string} */
            entity: "User" | "Company" | "Location";
            authScapeId: string;
            crmEntity: string;
            crmId: string;
            /** @enum {string} */
            outcome: "created" | "updated" | "unchanged" | "linked" | "deactivated" | "deleted" | "skipped" | "conflict" | "failed";
            changes: components["schemas"]["Change"][];
            error?: {
                code: string;
                message: string;
            };
        };
        LinkedByHand: {
            id: string;
            mappingId: string;
            /** @enum {string} */
            entity: "User" | "Company" | "Location";
            authScapeId: string;
            crmEntity: string;
            crmId: string;
            /** @enum {string} */
            state: "linked" | "tombstone";
            /** Format: date-time */
            createdAt: string;
            lastSyncedAt: string | null;
            /** @enum {string} */
            outcome: "created" | "updated" | "unchanged" | "linked" | "deactivated" | "deleted" | "skipped" | "conflict" | "failed";
            changes: components["schemas"]["Change"][];
            error?: {
                code: string;
                message: string;
            };
        };
        /** @description Problems, newest first, with how many there are of each kind. */
        ProblemReport: {
            items: components["schemas"]["RecordProblem"][];
            nextCursor?: string;
            counts: {
                failed: number;
                ambiguous: number;
                held: number;
                deadLetter: number;
                skipped: number;
            };
            truncated: boolean;
        };
        /** @description One thing that a person should look at. */
        RecordProblem: {
            id: string;
            /** @enum {string} */
            kind: "failed" | "ambiguous" | "held" | "deadLetter" | "skipped";
            entity: ("User" | "Company" | "Location") | null;
            mappingId?: string;
            crmEntity?: string;
            authScapeId?: string;
            crmId?: string;
            code: string;
            message: string;
            field?: string;
            /** Format: date-time */
            since: string;
            attempts: number;
            actions: ("retry" | "link" | "approve" | "reject" | "delete")[];
            runId?: string;
            deadLetterId?: string;
        };
        /** @description What syncing brought, by outcome, side and UTC day. */
        Stats: {
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            to: string;
            lastSyncAt: string | null;
            lastSuccessAt: string | null;
            links: {
                User: number;
                Company: number;
                Location: number;
            };
            totals: {
                created: number;
                updated: number;
                deactivated: number;
                deleted: number;
                linked: number;
                skipped: number;
                conflicts: number;
                failed: number;
            };
            bySide: {
                authScape: {
                    created: number;
                    updated: number;
                    deactivated: number;
                    deleted: number;
                };
                dynamics: {
                    created: number;
                    updated: number;
                    deactivated: number;
                    deleted: number;
                };
            };
            runs: {
                succeeded: number;
                partiallySucceeded: number;
                failed: number;
                cancelled: number;
            };
            events: {
                received: number;
                echoes: number;
                deadLettered: number;
                medianLatencyMs: number;
                p95LatencyMs: number;
            };
            requests: {
                dynamics: number;
                authScape: number;
            };
            byDay: {
                /** Format: date */
                day: string;
                totals: {
                    created: number;
                    updated: number;
                    deactivated: number;
                    deleted: number;
                    linked: number;
                    skipped: number;
                    conflicts: number;
                    failed: number;
                };
                events: {
                    received: number;
                    echoes: number;
                    deadLettered: number;
                    medianLatencyMs: number;
                    p95LatencyMs: number;
                };
                requests: {
                    dynamics: number;
                    authScape: number;
                };
            }[];
        };
        /** @description Counts per mapping and side, and what a person should do. */
        Diagnosis: {
            /** Format: date-time */
            checkedAt: string;
            mappings: {
                mappingId: string;
                /** @enum {string} */
                entity: "User" | "Company" | "Location";
                crmEntity: string;
                authScape: {
                    total: number;
                    active: number;
                    linked: number;
                    unlinked: number;
                    withoutMatchKey: number;
                };
                dynamics: {
                    total: number;
                    active: number;
                    linked: number;
                    unlinked: number;
                    withoutMatchKey: number;
                    totalIsEstimate: boolean;
                };
                failed: number;
                waiting: number;
                held: number;
            }[];
            recommendations: {
                code: string;
                /** @enum {string} */
                severity: "error" | "warning" | "info";
                mappingId?: string;
                message: string;
                action: string;
                link: string;
            }[];
        };
        /** @description Records with equal match keys, and unlinked pairs that would match. */
        DuplicateReport: {
            items: {
                /** @enum {string} */
                kind: "authScape" | "dynamics" | "both" | "unlinkedPair";
                mappingId: string;
                /** @enum {string} */
                entity: "User" | "Company" | "Location";
                crmEntity: string;
                key: (string | null)[];
                authScapeIds: string[];
                crmIds: string[];
            }[];
            truncated: boolean;
        };
        /** @description The ids of the record, and how many rows of each store lost its values or went. */
        Erased: {
            authScapeIds: string[];
            crmIds: string[];
            erased: {
                [key: string]: number;
            };
        };
        /** @description What is registered in Dynamics, and how it differs from what should be. */
        Webhook: {
            registered: boolean;
            baseUrl: string | null;
            url: string | null;
            endpointId: string | null;
            registeredAt: string | null;
            hasWebhookSecret: boolean;
            previousSecretUntil: string | null;
            steps: {
                id: string;
                name: string;
                crmEntity: string | null;
                message: ("Create" | "Update" | "Delete") | null;
                filteringAttributes: string[];
                enabled: boolean;
            }[];
            drift: {
                code: string;
                message: string;
            }[];
            lastFailure: {
                code: string;
                message: string;
                /** Format: date-time */
                at: string;
            } | null;
        };
        /** @description Flows that do what a registered webhook does. */
        PowerAutomateGuide: {
            uri: string;
            flows: {
                table: string;
                trigger: {
                    [key: string]: string;
                };
                http: {
                    /** @constant */
                    method: "POST";
                    uri: string;
                    headers: {
                        [key: string]: string;
                    };
                    body: {
                        [key: string]: string;
                    };
                };
                definition: {
                    [key: string]: unknown;
                };
            }[];
        };
        /** @description One fault of a request; `path` in dotted form. */
        Fault: {
            path: string;
            message: string;
        };
        /** @description All connections with their mappings, without ids and secrets: it means the same in every deployment. */
        Configuration: {
            /** @constant */
            version: 1;
            connections: {
                name: string;
                /** @constant */
                provider: "Dynamics365";
                environment: string;
                tenantId: string | null;
                clientId: string | null;
                /** @enum {string} */
                direction: "Bidirectional" | "Inbound" | "Outbound";
                enabled: boolean;
                syncIntervalMinutes: number;
                fullSyncSchedule: string | null;
                /** @enum {string} */
                conflictPolicy: "lastWriteWins" | "dynamicsWins" | "authScapeWins";
                /** @enum {string} */
                deletePolicy: "deactivate" | "delete" | "unlink" | "ignore";
                massDeleteGuard: {
                    count: number;
                    percent: number;
                } | null;
                /** @enum {string} */
                logValues: "all" | "changedOnly" | "none";
                mappings: {
                    /** @enum {string} */
                    authScapeEntity: "User" | "Company" | "Location";
                    crmEntity: string;
                    /** @enum {string} */
                    direction: "Bidirectional" | "Inbound" | "Outbound";
                    enabled: boolean;
                    filter: string | null;
                    matchBy: string[];
                    fields: {
                        /** @enum {string} */
                        direction: "Bidirectional" | "Inbound" | "Outbound";
                        enabled: boolean;
                        syncNullValues: boolean;
                        authScapeField: string;
                        crmField: string;
                        required: boolean;
                        transform: ({
                            /** @constant */
                            type: "stateCode";
                            inverted?: boolean;
                        } | {
                            /** @constant */
                            type: "boolean";
                            inverted?: boolean;
                        } | {
                            /** @constant */
                            type: "optionSet";
                            /** @enum {string} */
                            by?: "value" | "label";
                            language?: number;
                        } | {
                            /** @constant */
                            type: "date";
                            timeZone?: string;
                        } | {
                            /** @constant */
                            type: "number";
                            decimals?: number;
                        } | {
                            /** @enum {string} */
                            type: "uppercase" | "lowercase" | "titleCase" | "trim";
                        } | {
                            /** @constant */
                            type: "concatenate";
                            fields: string[];
                            separator?: string;
                        } | {
                            /** @constant */
                            type: "split";
                            separator: string;
                            index: number;
                        } | {
                            /** @constant */
                            type: "default";
                            value: string | number | boolean;
                        } | {
                            /** @constant */
                            type: "valueMap";
                            map: {
                                [key: string]: string | number | boolean;
                            };
                        }) | null;
                    }[];
                    relationships: {
                        /** @enum {string} */
                        direction: "Bidirectional" | "Inbound" | "Outbound";
                        enabled: boolean;
                        syncNullValues: boolean;
                        /** @enum {string} */
                        authScapeField: "companyId" | "locationId";
                        /** @enum {string} */
                        relatedEntity: "Company" | "Location";
                        crmLookupField: string;
                        crmRelatedEntity: string;
                        autoCreateRelated: boolean;
                    }[];
                }[];
            }[];
        };
        /** @description What it takes, and what is in the way. */
        ConfigurationPlan: {
            changes: {
                path: string;
                /** @enum {string} */
                action: "create" | "update" | "delete";
                from?: unknown;
                to?: unknown;
            }[];
            problems: components["schemas"]["Fault"][];
        };
        /** @description Who did what, and what differs since. Secrets appear as ***. */
        AuditEntry: {
            id: string;
            /** Format: date-time */
            at: string;
            actor: {
                /** @enum {string} */
                kind: "key" | "user" | "system";
                name: string;
            };
            action: string;
            target: string;
            connectionId?: string;
            changes: {
                path: string;
                from: unknown;
                to: unknown;
            }[];
        };
        Health: {
            /** @enum {string} */
            status: "healthy" | "unhealthy";
            version: string;
            checks: {
                name: string;
                ok: boolean;
                durationMs: number;
            }[];
        };
        /** @description RFC 9457 problem document. `code` is stable; `hint` says what a person should check next. */
        Problem: {
            /** @constant */
            type: "about:blank";
            title: string;
            status: number;
            /** @enum {string} */
            code: "invalid_request" | "invalid_json" | "payload_too_large" | "unsupported_media_type" | "unauthorized" | "forbidden" | "precondition_failed" | "idempotency_key_reused" | "not_found" | "connection_not_found" | "mapping_not_found" | "field_not_found" | "relationship_not_found" | "run_not_found" | "link_not_found" | "record_not_found" | "dead_letter_not_found" | "connection_name_taken" | "table_already_mapped" | "connection_has_links" | "connection_disabled" | "record_already_linked" | "link_not_allowed" | "run_in_progress" | "run_not_waiting" | "sample_final" | "no_enabled_mappings" | "mapping_invalid" | "table_without_events" | "version_too_old" | "configuration_invalid" | "record_busy" | "invalid_client_credentials" | "access_denied" | "connection_timeout" | "environment_not_found" | "tenant_not_found" | "application_user_missing" | "authscape_unauthorized" | "authscape_unreachable" | "authscape_module_missing" | "environment_changed" | "issuer_unavailable" | "dynamics_unavailable" | "dynamics_error" | "authscape_error" | "service_protection_limit" | "schema_changed" | "delta_link_expired" | "authscape_empty" | "storage_unavailable" | "secret_store_unavailable" | "secret_missing" | "internal_error";
            detail: string;
            hint?: string;
            errors?: components["schemas"]["Fault"][];
            traceId: string;
        };
    };
    responses: {
        /** @description invalid_request, invalid_json */
        "400.invalid_request.invalid_json": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 400;
                    /** @enum {unknown} */
                    code?: "invalid_request" | "invalid_json";
                };
            };
        };
        /** @description record_busy, connection_name_taken */
        "409.record_busy.connection_name_taken": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "record_busy" | "connection_name_taken";
                };
            };
        };
        /** @description storage_unavailable, issuer_unavailable, secret_store_unavailable, secret_missing */
        "503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 503;
                    /** @enum {unknown} */
                    code?: "storage_unavailable" | "issuer_unavailable" | "secret_store_unavailable" | "secret_missing";
                };
            };
        };
        /** @description internal_error */
        "500.internal_error": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 500;
                    /** @enum {unknown} */
                    code?: "internal_error";
                };
            };
        };
        /** @description unauthorized */
        "401.unauthorized": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 401;
                    /** @enum {unknown} */
                    code?: "unauthorized";
                };
            };
        };
        /** @description forbidden */
        "403.forbidden": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 403;
                    /** @enum {unknown} */
                    code?: "forbidden";
                };
            };
        };
        /** @description payload_too_large */
        "413.payload_too_large": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 413;
                    /** @enum {unknown} */
                    code?: "payload_too_large";
                };
            };
        };
        /** @description unsupported_media_type */
        "415.unsupported_media_type": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 415;
                    /** @enum {unknown} */
                    code?: "unsupported_media_type";
                };
            };
        };
        /** @description idempotency_key_reused */
        "422.idempotency_key_reused": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 422;
                    /** @enum {unknown} */
                    code?: "idempotency_key_reused";
                };
            };
        };
        /** @description invalid_request */
        "400.invalid_request": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 400;
                    /** @enum {unknown} */
                    code?: "invalid_request";
                };
            };
        };
        /** @description record_busy */
        "409.record_busy": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "record_busy";
                };
            };
        };
        /** @description storage_unavailable, issuer_unavailable */
        "503.storage_unavailable.issuer_unavailable": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 503;
                    /** @enum {unknown} */
                    code?: "storage_unavailable" | "issuer_unavailable";
                };
            };
        };
        /** @description connection_not_found */
        "404.connection_not_found": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "connection_not_found";
                };
            };
        };
        /** @description record_busy, connection_name_taken, connection_has_links, table_already_mapped, run_in_progress, environment_changed, schema_changed */
        "409.record_busy.connection_name_taken.connection_has_links.table_already_mapped.run_in_progress.environment_changed.schema_changed": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "record_busy" | "connection_name_taken" | "connection_has_links" | "table_already_mapped" | "run_in_progress" | "environment_changed" | "schema_changed";
                };
            };
        };
        /** @description storage_unavailable, issuer_unavailable, secret_store_unavailable, secret_missing, service_protection_limit, dynamics_unavailable */
        "503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 503;
                    /** @enum {unknown} */
                    code?: "storage_unavailable" | "issuer_unavailable" | "secret_store_unavailable" | "secret_missing" | "service_protection_limit" | "dynamics_unavailable";
                };
            };
        };
        /** @description precondition_failed */
        "412.precondition_failed": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 412;
                    /** @enum {unknown} */
                    code?: "precondition_failed";
                };
            };
        };
        /** @description invalid_client_credentials, access_denied, environment_not_found, tenant_not_found, application_user_missing, dynamics_error */
        "502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 502;
                    /** @enum {unknown} */
                    code?: "invalid_client_credentials" | "access_denied" | "environment_not_found" | "tenant_not_found" | "application_user_missing" | "dynamics_error";
                };
            };
        };
        /** @description connection_timeout */
        "504.connection_timeout": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 504;
                    /** @enum {unknown} */
                    code?: "connection_timeout";
                };
            };
        };
        /** @description record_busy, run_in_progress */
        "409.record_busy.run_in_progress": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "record_busy" | "run_in_progress";
                };
            };
        };
        /** @description record_busy, environment_changed, schema_changed */
        "409.record_busy.environment_changed.schema_changed": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "record_busy" | "environment_changed" | "schema_changed";
                };
            };
        };
        /** @description invalid_client_credentials, access_denied, environment_not_found, tenant_not_found, application_user_missing, dynamics_error, authscape_unauthorized, authscape_unreachable, authscape_module_missing, authscape_error, authscape_empty */
        "502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 502;
                    /** @enum {unknown} */
                    code?: "invalid_client_credentials" | "access_denied" | "environment_not_found" | "tenant_not_found" | "application_user_missing" | "dynamics_error" | "authscape_unauthorized" | "authscape_unreachable" | "authscape_module_missing" | "authscape_error" | "authscape_empty";
                };
            };
        };
        /** @description connection_not_found, not_found */
        "404.connection_not_found.not_found": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "connection_not_found" | "not_found";
                };
            };
        };
        /** @description record_busy, table_already_mapped, run_in_progress, environment_changed, schema_changed */
        "409.record_busy.table_already_mapped.run_in_progress.environment_changed.schema_changed": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "record_busy" | "table_already_mapped" | "run_in_progress" | "environment_changed" | "schema_changed";
                };
            };
        };
        /** @description idempotency_key_reused, mapping_invalid */
        "422.idempotency_key_reused.mapping_invalid": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 422;
                    /** @enum {unknown} */
                    code?: "idempotency_key_reused" | "mapping_invalid";
                };
            };
        };
        /** @description connection_not_found, mapping_not_found */
        "404.connection_not_found.mapping_not_found": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "connection_not_found" | "mapping_not_found";
                };
            };
        };
        /** @description mapping_invalid */
        "422.mapping_invalid": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 422;
                    /** @enum {unknown} */
                    code?: "mapping_invalid";
                };
            };
        };
        /** @description connection_not_found, mapping_not_found, field_not_found */
        "404.connection_not_found.mapping_not_found.field_not_found": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "connection_not_found" | "mapping_not_found" | "field_not_found";
                };
            };
        };
        /** @description field_not_found, connection_not_found, mapping_not_found */
        "404.field_not_found.connection_not_found.mapping_not_found": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "field_not_found" | "connection_not_found" | "mapping_not_found";
                };
            };
        };
        /** @description connection_not_found, mapping_not_found, relationship_not_found */
        "404.connection_not_found.mapping_not_found.relationship_not_found": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "connection_not_found" | "mapping_not_found" | "relationship_not_found";
                };
            };
        };
        /** @description relationship_not_found, connection_not_found, mapping_not_found */
        "404.relationship_not_found.connection_not_found.mapping_not_found": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "relationship_not_found" | "connection_not_found" | "mapping_not_found";
                };
            };
        };
        /** @description not_found */
        "404.not_found": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "not_found";
                };
            };
        };
        /** @description authscape_unauthorized, authscape_unreachable, authscape_module_missing, authscape_error, authscape_empty */
        "502.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 502;
                    /** @enum {unknown} */
                    code?: "authscape_unauthorized" | "authscape_unreachable" | "authscape_module_missing" | "authscape_error" | "authscape_empty";
                };
            };
        };
        /** @description record_busy, connection_disabled, run_in_progress */
        "409.record_busy.connection_disabled.run_in_progress": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "record_busy" | "connection_disabled" | "run_in_progress";
                };
            };
        };
        /** @description no_enabled_mappings, idempotency_key_reused */
        "422.no_enabled_mappings.idempotency_key_reused": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 422;
                    /** @enum {unknown} */
                    code?: "no_enabled_mappings" | "idempotency_key_reused";
                };
            };
        };
        /** @description run_not_found */
        "404.run_not_found": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "run_not_found";
                };
            };
        };
        /** @description record_busy, sample_final, run_in_progress, environment_changed, schema_changed */
        "409.record_busy.sample_final.run_in_progress.environment_changed.schema_changed": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "record_busy" | "sample_final" | "run_in_progress" | "environment_changed" | "schema_changed";
                };
            };
        };
        /** @description record_busy, run_not_waiting, run_in_progress */
        "409.record_busy.run_not_waiting.run_in_progress": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "record_busy" | "run_not_waiting" | "run_in_progress";
                };
            };
        };
        /** @description connection_not_found, mapping_not_found, record_not_found */
        "404.connection_not_found.mapping_not_found.record_not_found": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "connection_not_found" | "mapping_not_found" | "record_not_found";
                };
            };
        };
        /** @description record_busy, connection_disabled, record_already_linked, environment_changed, schema_changed */
        "409.record_busy.connection_disabled.record_already_linked.environment_changed.schema_changed": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "record_busy" | "connection_disabled" | "record_already_linked" | "environment_changed" | "schema_changed";
                };
            };
        };
        /** @description link_not_allowed, idempotency_key_reused */
        "422.link_not_allowed.idempotency_key_reused": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 422;
                    /** @enum {unknown} */
                    code?: "link_not_allowed" | "idempotency_key_reused";
                };
            };
        };
        /** @description record_busy, connection_disabled */
        "409.record_busy.connection_disabled": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "record_busy" | "connection_disabled";
                };
            };
        };
        /** @description connection_not_found, link_not_found */
        "404.connection_not_found.link_not_found": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "connection_not_found" | "link_not_found";
                };
            };
        };
        /** @description no_enabled_mappings, table_without_events */
        "422.no_enabled_mappings.table_without_events": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 422;
                    /** @enum {unknown} */
                    code?: "no_enabled_mappings" | "table_without_events";
                };
            };
        };
        /** @description record_busy, version_too_old */
        "409.record_busy.version_too_old": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 409;
                    /** @enum {unknown} */
                    code?: "record_busy" | "version_too_old";
                };
            };
        };
        /** @description connection_not_found, dead_letter_not_found */
        "404.connection_not_found.dead_letter_not_found": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 404;
                    /** @enum {unknown} */
                    code?: "connection_not_found" | "dead_letter_not_found";
                };
            };
        };
        /** @description storage_unavailable, secret_store_unavailable, secret_missing */
        "503.storage_unavailable.secret_store_unavailable.secret_missing": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 503;
                    /** @enum {unknown} */
                    code?: "storage_unavailable" | "secret_store_unavailable" | "secret_missing";
                };
            };
        };
        /** @description configuration_invalid, mapping_invalid */
        "422.configuration_invalid.mapping_invalid": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @constant */
                    status?: 422;
                    /** @enum {unknown} */
                    code?: "configuration_invalid" | "mapping_invalid";
                };
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    connectionsList: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of connections. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "c_8f3k2m1x9q",
                     *           "name": "Production Dynamics",
                     *           "provider": "Dynamics365",
                     *           "environment": "contoso.crm.dynamics.com",
                     *           "tenantId": null,
                     *           "clientId": null,
                     *           "hasClientSecret": false,
                     *           "credential": {
                     *             "kind": "clientSecret"
                     *           },
                     *           "credentialExpiresAt": null,
                     *           "direction": "Bidirectional",
                     *           "enabled": true,
                     *           "syncIntervalMinutes": 15,
                     *           "fullSyncSchedule": "0 0 2 * * *",
                     *           "conflictPolicy": "lastWriteWins",
                     *           "deletePolicy": "deactivate",
                     *           "massDeleteGuard": {
                     *             "count": 50,
                     *             "percent": 5
                     *           },
                     *           "logValues": "all",
                     *           "hasWebhookSecret": true,
                     *           "lastSyncAt": "2026-11-29T08:00:00.000Z",
                     *           "firstFullSyncAt": "2026-11-28T09:30:00.000Z",
                     *           "alertsTo": null,
                     *           "lastSyncError": null,
                     *           "messages": [],
                     *           "createdAt": "2026-11-28T08:00:00.000Z",
                     *           "updatedAt": "2026-11-28T08:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Connection"][];
                        nextCursor?: string;
                    };
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    connectionsCreate: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key within 24 hours gives the first answer again. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Production Dynamics",
                 *       "provider": "Dynamics365",
                 *       "environment": "contoso.crm.dynamics.com"
                 *     }
                 */
                "application/json": {
                    name: string;
                    /** @constant */
                    provider: "Dynamics365";
                    environment?: string;
                    tenantId?: string | null;
                    clientId?: string | null;
                    clientSecret?: string | null;
                    credential?: {
                        /** @constant */
                        kind: "clientSecret";
                    } | {
                        /** @constant */
                        kind: "certificate";
                        name: string;
                    } | {
                        /** @constant */
                        kind: "managedIdentity";
                    };
                    credentialExpiresAt?: string | null;
                    webhookSecret?: string;
                    /** @enum {string} */
                    direction?: "Bidirectional" | "Inbound" | "Outbound";
                    enabled?: boolean;
                    syncIntervalMinutes?: number;
                    fullSyncSchedule?: string | null;
                    /** @enum {string} */
                    conflictPolicy?: "lastWriteWins" | "dynamicsWins" | "authScapeWins";
                    /** @enum {string} */
                    deletePolicy?: "deactivate" | "delete" | "unlink" | "ignore";
                    massDeleteGuard?: {
                        count: number;
                        percent: number;
                    } | null;
                    /** @enum {string} */
                    logValues?: "all" | "changedOnly" | "none";
                };
            };
        };
        responses: {
            /** @description The connection was made. */
            201: {
                headers: {
                    /** @description Version of the resource, for If-Match. */
                    ETag: string;
                    /** @description Address of what was made or started. */
                    Location: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "c_8f3k2m1x9q",
                     *       "name": "Production Dynamics",
                     *       "provider": "Dynamics365",
                     *       "environment": "contoso.crm.dynamics.com",
                     *       "tenantId": null,
                     *       "clientId": null,
                     *       "hasClientSecret": false,
                     *       "credential": {
                     *         "kind": "clientSecret"
                     *       },
                     *       "credentialExpiresAt": null,
                     *       "direction": "Bidirectional",
                     *       "enabled": true,
                     *       "syncIntervalMinutes": 15,
                     *       "fullSyncSchedule": "0 0 2 * * *",
                     *       "conflictPolicy": "lastWriteWins",
                     *       "deletePolicy": "deactivate",
                     *       "massDeleteGuard": {
                     *         "count": 50,
                     *         "percent": 5
                     *       },
                     *       "logValues": "all",
                     *       "hasWebhookSecret": true,
                     *       "lastSyncAt": "2026-11-29T08:00:00.000Z",
                     *       "firstFullSyncAt": "2026-11-28T09:30:00.000Z",
                     *       "alertsTo": null,
                     *       "lastSyncError": null,
                     *       "messages": [],
                     *       "createdAt": "2026-11-28T08:00:00.000Z",
                     *       "updatedAt": "2026-11-28T08:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Connection"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            409: components["responses"]["409.record_busy.connection_name_taken"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            422: components["responses"]["422.idempotency_key_reused"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing"];
        };
    };
    connectionsGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The connection. */
            200: {
                headers: {
                    /** @description Version of the resource, for If-Match. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "c_8f3k2m1x9q",
                     *       "name": "Production Dynamics",
                     *       "provider": "Dynamics365",
                     *       "environment": "contoso.crm.dynamics.com",
                     *       "tenantId": null,
                     *       "clientId": null,
                     *       "hasClientSecret": false,
                     *       "credential": {
                     *         "kind": "clientSecret"
                     *       },
                     *       "credentialExpiresAt": null,
                     *       "direction": "Bidirectional",
                     *       "enabled": true,
                     *       "syncIntervalMinutes": 15,
                     *       "fullSyncSchedule": "0 0 2 * * *",
                     *       "conflictPolicy": "lastWriteWins",
                     *       "deletePolicy": "deactivate",
                     *       "massDeleteGuard": {
                     *         "count": 50,
                     *         "percent": 5
                     *       },
                     *       "logValues": "all",
                     *       "hasWebhookSecret": true,
                     *       "lastSyncAt": "2026-11-29T08:00:00.000Z",
                     *       "firstFullSyncAt": "2026-11-28T09:30:00.000Z",
                     *       "alertsTo": null,
                     *       "lastSyncError": null,
                     *       "messages": [],
                     *       "createdAt": "2026-11-28T08:00:00.000Z",
                     *       "updatedAt": "2026-11-28T08:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Connection"];
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    connectionsDelete: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag that the resource must still have; else 412 precondition_failed. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The connection is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy.run_in_progress"];
            412: components["responses"]["412.precondition_failed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing"];
        };
    };
    connectionsPatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag that the resource must still have; else 412 precondition_failed. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "syncIntervalMinutes": 30
                 *     }
                 */
                "application/json": {
                    name?: string;
                    /** @constant */
                    provider?: "Dynamics365";
                    environment?: string;
                    tenantId?: string | null;
                    clientId?: string | null;
                    clientSecret?: string | null;
                    credential?: {
                        /** @constant */
                        kind: "clientSecret";
                    } | {
                        /** @constant */
                        kind: "certificate";
                        name: string;
                    } | {
                        /** @constant */
                        kind: "managedIdentity";
                    };
                    credentialExpiresAt?: string | null;
                    webhookSecret?: string;
                    /** @enum {string} */
                    direction?: "Bidirectional" | "Inbound" | "Outbound";
                    enabled?: boolean;
                    syncIntervalMinutes?: number;
                    fullSyncSchedule?: string | null;
                    /** @enum {string} */
                    conflictPolicy?: "lastWriteWins" | "dynamicsWins" | "authScapeWins";
                    /** @enum {string} */
                    deletePolicy?: "deactivate" | "delete" | "unlink" | "ignore";
                    massDeleteGuard?: {
                        count: number;
                        percent: number;
                    } | null;
                    /** @enum {string} */
                    logValues?: "all" | "changedOnly" | "none";
                };
            };
        };
        responses: {
            /** @description The connection as it is now. */
            200: {
                headers: {
                    /** @description Version of the resource, for If-Match. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "c_8f3k2m1x9q",
                     *       "name": "Production Dynamics",
                     *       "provider": "Dynamics365",
                     *       "environment": "contoso.crm.dynamics.com",
                     *       "tenantId": null,
                     *       "clientId": null,
                     *       "hasClientSecret": false,
                     *       "credential": {
                     *         "kind": "clientSecret"
                     *       },
                     *       "credentialExpiresAt": null,
                     *       "direction": "Bidirectional",
                     *       "enabled": true,
                     *       "syncIntervalMinutes": 15,
                     *       "fullSyncSchedule": "0 0 2 * * *",
                     *       "conflictPolicy": "lastWriteWins",
                     *       "deletePolicy": "deactivate",
                     *       "massDeleteGuard": {
                     *         "count": 50,
                     *         "percent": 5
                     *       },
                     *       "logValues": "all",
                     *       "hasWebhookSecret": true,
                     *       "lastSyncAt": "2026-11-29T08:00:00.000Z",
                     *       "firstFullSyncAt": "2026-11-28T09:30:00.000Z",
                     *       "alertsTo": null,
                     *       "lastSyncError": null,
                     *       "messages": [],
                     *       "createdAt": "2026-11-28T08:00:00.000Z",
                     *       "updatedAt": "2026-11-28T08:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Connection"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy.connection_name_taken.connection_has_links.table_already_mapped.run_in_progress.environment_changed.schema_changed"];
            412: components["responses"]["412.precondition_failed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    connectionsTest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was tried, step by step; `ok` is false when a step failed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "ok": false,
                     *       "steps": [
                     *         {
                     *           "name": "token",
                     *           "ok": false,
                     *           "durationMs": 120,
                     *           "code": "invalid_client_credentials",
                     *           "detail": "Entra ID does not accept the client secret.",
                     *           "hint": "Make a new client secret and store its value."
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ConnectionTest"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    alertsGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Set like this. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "origin": "https://alerts.contoso.com",
                     *       "format": "json",
                     *       "hasSecret": true,
                     *       "afterIntervals": 3,
                     *       "disabledAt": null,
                     *       "failingSince": null,
                     *       "pending": 0,
                     *       "open": [
                     *         {
                     *           "kind": "runFailed",
                     *           "since": "2026-11-29T08:00:00.000Z",
                     *           "runId": "r_5t0j8p3y6n",
                     *           "code": "dynamics_unavailable"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Alerts"];
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.not_found"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    alertsSet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "url": "https://alerts.contoso.com/sync",
                 *       "secret": "at-least-16-characters",
                 *       "format": "json"
                 *     }
                 */
                "application/json": {
                    url: string;
                    secret?: string;
                    /**
                     * @default json
                     * @enum {string}
                     */
                    format?: "json" | "teamsWorkflow";
                    /** @default 3 */
                    afterIntervals?: number;
                };
            };
        };
        responses: {
            /** @description Set. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "origin": "https://alerts.contoso.com",
                     *       "format": "json",
                     *       "hasSecret": true,
                     *       "afterIntervals": 3,
                     *       "disabledAt": null,
                     *       "failingSince": null,
                     *       "pending": 0,
                     *       "open": []
                     *     }
                     */
                    "application/json": components["schemas"]["Alerts"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing"];
        };
    };
    alertsDelete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No alerts are sent any more. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing"];
        };
    };
    mappingsList: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of mappings. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "m_4k1x0c2v7b",
                     *           "connectionId": "c_8f3k2m1x9q",
                     *           "authScapeEntity": "User",
                     *           "crmEntity": "contact",
                     *           "direction": "Bidirectional",
                     *           "enabled": true,
                     *           "filter": "statecode eq 0",
                     *           "matchBy": [
                     *             "email"
                     *           ],
                     *           "fields": [
                     *             {
                     *               "id": "f_2m8s5d1q0z",
                     *               "authScapeField": "firstName",
                     *               "crmField": "firstname",
                     *               "direction": "Bidirectional",
                     *               "enabled": true,
                     *               "required": false,
                     *               "syncNullValues": true,
                     *               "transform": null
                     *             }
                     *           ],
                     *           "relationships": [
                     *             {
                     *               "id": "l_7h3n6b2k9w",
                     *               "authScapeField": "companyId",
                     *               "relatedEntity": "Company",
                     *               "crmLookupField": "parentcustomerid",
                     *               "crmRelatedEntity": "account",
                     *               "direction": "Bidirectional",
                     *               "enabled": true,
                     *               "syncNullValues": true,
                     *               "autoCreateRelated": false
                     *             }
                     *           ],
                     *           "createdAt": "2026-11-28T08:00:00.000Z",
                     *           "updatedAt": "2026-11-28T08:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Mapping"][];
                        nextCursor?: string;
                    };
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    mappingsCreate: {
        parameters: {
            query?: {
                validate?: "true" | "false";
            };
            header?: {
                /** @description The same key within 24 hours gives the first answer again. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "authScapeEntity": "User",
                 *       "crmEntity": "contact"
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    authScapeEntity: "User" | "Company" | "Location";
                    crmEntity: string;
                    /** @enum {string} */
                    direction?: "Bidirectional" | "Inbound" | "Outbound";
                    enabled?: boolean;
                    filter?: string | null;
                    matchBy?: string[];
                    createDefaultFields?: boolean;
                };
            };
        };
        responses: {
            /** @description The mapping was made. */
            201: {
                headers: {
                    /** @description Version of the resource, for If-Match. */
                    ETag: string;
                    /** @description Address of what was made or started. */
                    Location: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "m_4k1x0c2v7b",
                     *       "connectionId": "c_8f3k2m1x9q",
                     *       "authScapeEntity": "User",
                     *       "crmEntity": "contact",
                     *       "direction": "Bidirectional",
                     *       "enabled": true,
                     *       "filter": "statecode eq 0",
                     *       "matchBy": [
                     *         "email"
                     *       ],
                     *       "fields": [
                     *         {
                     *           "id": "f_2m8s5d1q0z",
                     *           "authScapeField": "firstName",
                     *           "crmField": "firstname",
                     *           "direction": "Bidirectional",
                     *           "enabled": true,
                     *           "required": false,
                     *           "syncNullValues": true,
                     *           "transform": null
                     *         }
                     *       ],
                     *       "relationships": [
                     *         {
                     *           "id": "l_7h3n6b2k9w",
                     *           "authScapeField": "companyId",
                     *           "relatedEntity": "Company",
                     *           "crmLookupField": "parentcustomerid",
                     *           "crmRelatedEntity": "account",
                     *           "direction": "Bidirectional",
                     *           "enabled": true,
                     *           "syncNullValues": true,
                     *           "autoCreateRelated": false
                     *         }
                     *       ],
                     *       "createdAt": "2026-11-28T08:00:00.000Z",
                     *       "updatedAt": "2026-11-28T08:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Mapping"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.mapping_not_found"];
            409: components["responses"]["409.record_busy.table_already_mapped.run_in_progress.environment_changed.schema_changed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            422: components["responses"]["422.idempotency_key_reused.mapping_invalid"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    mappingsGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                mappingId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The mapping. */
            200: {
                headers: {
                    /** @description Version of the resource, for If-Match. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "m_4k1x0c2v7b",
                     *       "connectionId": "c_8f3k2m1x9q",
                     *       "authScapeEntity": "User",
                     *       "crmEntity": "contact",
                     *       "direction": "Bidirectional",
                     *       "enabled": true,
                     *       "filter": "statecode eq 0",
                     *       "matchBy": [
                     *         "email"
                     *       ],
                     *       "fields": [
                     *         {
                     *           "id": "f_2m8s5d1q0z",
                     *           "authScapeField": "firstName",
                     *           "crmField": "firstname",
                     *           "direction": "Bidirectional",
                     *           "enabled": true,
                     *           "required": false,
                     *           "syncNullValues": true,
                     *           "transform": null
                     *         }
                     *       ],
                     *       "relationships": [
                     *         {
                     *           "id": "l_7h3n6b2k9w",
                     *           "authScapeField": "companyId",
                     *           "relatedEntity": "Company",
                     *           "crmLookupField": "parentcustomerid",
                     *           "crmRelatedEntity": "account",
                     *           "direction": "Bidirectional",
                     *           "enabled": true,
                     *           "syncNullValues": true,
                     *           "autoCreateRelated": false
                     *         }
                     *       ],
                     *       "createdAt": "2026-11-28T08:00:00.000Z",
                     *       "updatedAt": "2026-11-28T08:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Mapping"];
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.mapping_not_found"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    mappingsDelete: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag that the resource must still have; else 412 precondition_failed. */
                "If-Match"?: string;
            };
            path: {
                id: string;
                mappingId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The mapping is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.mapping_not_found"];
            409: components["responses"]["409.record_busy.run_in_progress"];
            412: components["responses"]["412.precondition_failed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    mappingsPatch: {
        parameters: {
            query?: {
                validate?: "true" | "false";
            };
            header?: {
                /** @description ETag that the resource must still have; else 412 precondition_failed. */
                "If-Match"?: string;
            };
            path: {
                id: string;
                mappingId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "filter": "statecode eq 0"
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    direction?: "Bidirectional" | "Inbound" | "Outbound";
                    enabled?: boolean;
                    filter?: string | null;
                    matchBy?: string[];
                };
            };
        };
        responses: {
            /** @description The mapping as it is now. */
            200: {
                headers: {
                    /** @description Version of the resource, for If-Match. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "m_4k1x0c2v7b",
                     *       "connectionId": "c_8f3k2m1x9q",
                     *       "authScapeEntity": "User",
                     *       "crmEntity": "contact",
                     *       "direction": "Bidirectional",
                     *       "enabled": true,
                     *       "filter": "statecode eq 0",
                     *       "matchBy": [
                     *         "email"
                     *       ],
                     *       "fields": [
                     *         {
                     *           "id": "f_2m8s5d1q0z",
                     *           "authScapeField": "firstName",
                     *           "crmField": "firstname",
                     *           "direction": "Bidirectional",
                     *           "enabled": true,
                     *           "required": false,
                     *           "syncNullValues": true,
                     *           "transform": null
                     *         }
                     *       ],
                     *       "relationships": [
                     *         {
                     *           "id": "l_7h3n6b2k9w",
                     *           "authScapeField": "companyId",
                     *           "relatedEntity": "Company",
                     *           "crmLookupField": "parentcustomerid",
                     *           "crmRelatedEntity": "account",
                     *           "direction": "Bidirectional",
                     *           "enabled": true,
                     *           "syncNullValues": true,
                     *           "autoCreateRelated": false
                     *         }
                     *       ],
                     *       "createdAt": "2026-11-28T08:00:00.000Z",
                     *       "updatedAt": "2026-11-28T08:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Mapping"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.mapping_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            412: components["responses"]["412.precondition_failed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            422: components["responses"]["422.mapping_invalid"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    fieldsList: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
                mappingId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of field mappings. */
            200: {
                headers: {
                    /** @description Version of the resource, for If-Match. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "f_2m8s5d1q0z",
                     *           "authScapeField": "firstName",
                     *           "crmField": "firstname",
                     *           "direction": "Bidirectional",
                     *           "enabled": true,
                     *           "required": false,
                     *           "syncNullValues": true,
                     *           "transform": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["FieldMapping"][];
                        nextCursor?: string;
                    };
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.mapping_not_found"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    fieldsReplace: {
        parameters: {
            query?: {
                validate?: "true" | "false";
            };
            header?: {
                /** @description ETag that the resource must still have; else 412 precondition_failed. */
                "If-Match"?: string;
            };
            path: {
                id: string;
                mappingId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "fields": [
                 *         {
                 *           "authScapeField": "firstName",
                 *           "crmField": "firstname"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": {
                    fields: {
                        authScapeField: string;
                        crmField: string;
                        /** @enum {string} */
                        direction?: "Bidirectional" | "Inbound" | "Outbound";
                        enabled?: boolean;
                        required?: boolean;
                        syncNullValues?: boolean;
                        transform?: ({
                            /** @constant */
                            type: "stateCode";
                            inverted?: boolean;
                        } | {
                            /** @constant */
                            type: "boolean";
                            inverted?: boolean;
                        } | {
                            /** @constant */
                            type: "optionSet";
                            /** @enum {string} */
                            by?: "value" | "label";
                            language?: number;
                        } | {
                            /** @constant */
                            type: "date";
                            timeZone?: string;
                        } | {
                            /** @constant */
                            type: "number";
                            decimals?: number;
                        } | {
                            /** @enum {string} */
                            type: "uppercase" | "lowercase" | "titleCase" | "trim";
                        } | {
                            /** @constant */
                            type: "concatenate";
                            fields: string[];
                            separator?: string;
                        } | {
                            /** @constant */
                            type: "split";
                            separator: string;
                            index: number;
                        } | {
                            /** @constant */
                            type: "default";
                            value: string | number | boolean;
                        } | {
                            /** @constant */
                            type: "valueMap";
                            map: unknown;
                        }) | null;
                        id?: string;
                    }[];
                };
            };
        };
        responses: {
            /** @description The field mappings as they are now. */
            200: {
                headers: {
                    /** @description Version of the resource, for If-Match. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "f_2m8s5d1q0z",
                     *           "authScapeField": "firstName",
                     *           "crmField": "firstname",
                     *           "direction": "Bidirectional",
                     *           "enabled": true,
                     *           "required": false,
                     *           "syncNullValues": true,
                     *           "transform": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["FieldMapping"][];
                    };
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.mapping_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            412: components["responses"]["412.precondition_failed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            422: components["responses"]["422.mapping_invalid"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    fieldsAdd: {
        parameters: {
            query?: {
                validate?: "true" | "false";
            };
            header?: {
                /** @description The same key within 24 hours gives the first answer again. */
                "Idempotency-Key"?: string;
                /** @description ETag that the resource must still have; else 412 precondition_failed. */
                "If-Match"?: string;
            };
            path: {
                id: string;
                mappingId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "authScapeField": "firstName",
                 *       "crmField": "firstname"
                 *     }
                 */
                "application/json": {
                    authScapeField: string;
                    crmField: string;
                    /** @enum {string} */
                    direction?: "Bidirectional" | "Inbound" | "Outbound";
                    enabled?: boolean;
                    required?: boolean;
                    syncNullValues?: boolean;
                    transform?: ({
                        /** @constant */
                        type: "stateCode";
                        inverted?: boolean;
                    } | {
                        /** @constant */
                        type: "boolean";
                        inverted?: boolean;
                    } | {
                        /** @constant */
                        type: "optionSet";
                        /** @enum {string} */
                        by?: "value" | "label";
                        language?: number;
                    } | {
                        /** @constant */
                        type: "date";
                        timeZone?: string;
                    } | {
                        /** @constant */
                        type: "number";
                        decimals?: number;
                    } | {
                        /** @enum {string} */
                        type: "uppercase" | "lowercase" | "titleCase" | "trim";
                    } | {
                        /** @constant */
                        type: "concatenate";
                        fields: string[];
                        separator?: string;
                    } | {
                        /** @constant */
                        type: "split";
                        separator: string;
                        index: number;
                    } | {
                        /** @constant */
                        type: "default";
                        value: string | number | boolean;
                    } | {
                        /** @constant */
                        type: "valueMap";
                        map: unknown;
                    }) | null;
                };
            };
        };
        responses: {
            /** @description The field mapping was made. */
            201: {
                headers: {
                    /** @description Version of the resource, for If-Match. */
                    ETag: string;
                    /** @description Address of what was made or started. */
                    Location: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "f_2m8s5d1q0z",
                     *       "authScapeField": "firstName",
                     *       "crmField": "firstname",
                     *       "direction": "Bidirectional",
                     *       "enabled": true,
                     *       "required": false,
                     *       "syncNullValues": true,
                     *       "transform": null
                     *     }
                     */
                    "application/json": components["schemas"]["FieldMapping"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.mapping_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            412: components["responses"]["412.precondition_failed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            422: components["responses"]["422.idempotency_key_reused.mapping_invalid"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    fieldsGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                mappingId: string;
                fieldId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The field mapping. */
            200: {
                headers: {
                    /** @description Version of the resource, for If-Match. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "f_2m8s5d1q0z",
                     *       "authScapeField": "firstName",
                     *       "crmField": "firstname",
                     *       "direction": "Bidirectional",
                     *       "enabled": true,
                     *       "required": false,
                     *       "syncNullValues": true,
                     *       "transform": null
                     *     }
                     */
                    "application/json": components["schemas"]["FieldMapping"];
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.mapping_not_found.field_not_found"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    fieldsDelete: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag that the resource must still have; else 412 precondition_failed. */
                "If-Match"?: string;
            };
            path: {
                id: string;
                mappingId: string;
                fieldId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The field mapping is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.field_not_found.connection_not_found.mapping_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            412: components["responses"]["412.precondition_failed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            422: components["responses"]["422.mapping_invalid"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    fieldsPatch: {
        parameters: {
            query?: {
                validate?: "true" | "false";
            };
            header?: {
                /** @description ETag that the resource must still have; else 412 precondition_failed. */
                "If-Match"?: string;
            };
            path: {
                id: string;
                mappingId: string;
                fieldId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "direction": "Outbound"
                 *     }
                 */
                "application/json": {
                    authScapeField?: string;
                    crmField?: string;
                    /** @enum {string} */
                    direction?: "Bidirectional" | "Inbound" | "Outbound";
                    enabled?: boolean;
                    required?: boolean;
                    syncNullValues?: boolean;
                    transform?: ({
                        /** @constant */
                        type: "stateCode";
                        inverted?: boolean;
                    } | {
                        /** @constant */
                        type: "boolean";
                        inverted?: boolean;
                    } | {
                        /** @constant */
                        type: "optionSet";
                        /** @enum {string} */
                        by?: "value" | "label";
                        language?: number;
                    } | {
                        /** @constant */
                        type: "date";
                        timeZone?: string;
                    } | {
                        /** @constant */
                        type: "number";
                        decimals?: number;
                    } | {
                        /** @enum {string} */
                        type: "uppercase" | "lowercase" | "titleCase" | "trim";
                    } | {
                        /** @constant */
                        type: "concatenate";
                        fields: string[];
                        separator?: string;
                    } | {
                        /** @constant */
                        type: "split";
                        separator: string;
                        index: number;
                    } | {
                        /** @constant */
                        type: "default";
                        value: string | number | boolean;
                    } | {
                        /** @constant */
                        type: "valueMap";
                        map: unknown;
                    }) | null;
                };
            };
        };
        responses: {
            /** @description The field mapping as it is now. */
            200: {
                headers: {
                    /** @description Version of the resource, for If-Match. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "f_2m8s5d1q0z",
                     *       "authScapeField": "firstName",
                     *       "crmField": "firstname",
                     *       "direction": "Bidirectional",
                     *       "enabled": true,
                     *       "required": false,
                     *       "syncNullValues": true,
                     *       "transform": null
                     *     }
                     */
                    "application/json": components["schemas"]["FieldMapping"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.field_not_found.connection_not_found.mapping_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            412: components["responses"]["412.precondition_failed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            422: components["responses"]["422.mapping_invalid"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    relationshipsList: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
                mappingId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of relationships. */
            200: {
                headers: {
                    /** @description Version of the resource, for If-Match. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "l_7h3n6b2k9w",
                     *           "authScapeField": "companyId",
                     *           "relatedEntity": "Company",
                     *           "crmLookupField": "parentcustomerid",
                     *           "crmRelatedEntity": "account",
                     *           "direction": "Bidirectional",
                     *           "enabled": true,
                     *           "syncNullValues": true,
                     *           "autoCreateRelated": false
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["RelationshipMapping"][];
                        nextCursor?: string;
                    };
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.mapping_not_found"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    relationshipsAdd: {
        parameters: {
            query?: {
                validate?: "true" | "false";
            };
            header?: {
                /** @description The same key within 24 hours gives the first answer again. */
                "Idempotency-Key"?: string;
                /** @description ETag that the resource must still have; else 412 precondition_failed. */
                "If-Match"?: string;
            };
            path: {
                id: string;
                mappingId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "authScapeField": "companyId",
                 *       "relatedEntity": "Company",
                 *       "crmLookupField": "parentcustomerid",
                 *       "crmRelatedEntity": "account"
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    authScapeField: "companyId" | "locationId";
                    /** @enum {string} */
                    relatedEntity: "Company" | "Location";
                    crmLookupField: string;
                    crmRelatedEntity: string;
                    /** @enum {string} */
                    direction?: "Bidirectional" | "Inbound" | "Outbound";
                    enabled?: boolean;
                    syncNullValues?: boolean;
                    autoCreateRelated?: boolean;
                };
            };
        };
        responses: {
            /** @description The relationship was made. */
            201: {
                headers: {
                    /** @description Version of the resource, for If-Match. */
                    ETag: string;
                    /** @description Address of what was made or started. */
                    Location: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "l_7h3n6b2k9w",
                     *       "authScapeField": "companyId",
                     *       "relatedEntity": "Company",
                     *       "crmLookupField": "parentcustomerid",
                     *       "crmRelatedEntity": "account",
                     *       "direction": "Bidirectional",
                     *       "enabled": true,
                     *       "syncNullValues": true,
                     *       "autoCreateRelated": false
                     *     }
                     */
                    "application/json": components["schemas"]["RelationshipMapping"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.mapping_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            412: components["responses"]["412.precondition_failed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            422: components["responses"]["422.idempotency_key_reused.mapping_invalid"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    relationshipsGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                mappingId: string;
                relationshipId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The relationship. */
            200: {
                headers: {
                    /** @description Version of the resource, for If-Match. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "l_7h3n6b2k9w",
                     *       "authScapeField": "companyId",
                     *       "relatedEntity": "Company",
                     *       "crmLookupField": "parentcustomerid",
                     *       "crmRelatedEntity": "account",
                     *       "direction": "Bidirectional",
                     *       "enabled": true,
                     *       "syncNullValues": true,
                     *       "autoCreateRelated": false
                     *     }
                     */
                    "application/json": components["schemas"]["RelationshipMapping"];
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.mapping_not_found.relationship_not_found"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    relationshipsDelete: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag that the resource must still have; else 412 precondition_failed. */
                "If-Match"?: string;
            };
            path: {
                id: string;
                mappingId: string;
                relationshipId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The relationship is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.relationship_not_found.connection_not_found.mapping_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            412: components["responses"]["412.precondition_failed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            422: components["responses"]["422.mapping_invalid"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    relationshipsPatch: {
        parameters: {
            query?: {
                validate?: "true" | "false";
            };
            header?: {
                /** @description ETag that the resource must still have; else 412 precondition_failed. */
                "If-Match"?: string;
            };
            path: {
                id: string;
                mappingId: string;
                relationshipId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "autoCreateRelated": true
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    authScapeField?: "companyId" | "locationId";
                    /** @enum {string} */
                    relatedEntity?: "Company" | "Location";
                    crmLookupField?: string;
                    crmRelatedEntity?: string;
                    /** @enum {string} */
                    direction?: "Bidirectional" | "Inbound" | "Outbound";
                    enabled?: boolean;
                    syncNullValues?: boolean;
                    autoCreateRelated?: boolean;
                };
            };
        };
        responses: {
            /** @description The relationship as it is now. */
            200: {
                headers: {
                    /** @description Version of the resource, for If-Match. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "l_7h3n6b2k9w",
                     *       "authScapeField": "companyId",
                     *       "relatedEntity": "Company",
                     *       "crmLookupField": "parentcustomerid",
                     *       "crmRelatedEntity": "account",
                     *       "direction": "Bidirectional",
                     *       "enabled": true,
                     *       "syncNullValues": true,
                     *       "autoCreateRelated": false
                     *     }
                     */
                    "application/json": components["schemas"]["RelationshipMapping"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.relationship_not_found.connection_not_found.mapping_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            412: components["responses"]["412.precondition_failed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            422: components["responses"]["422.mapping_invalid"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    schemaTables: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of tables. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "logicalName": "contact",
                     *           "entitySetName": "contacts",
                     *           "displayName": "Contact",
                     *           "primaryId": "contactid",
                     *           "primaryName": "fullname",
                     *           "changeTracking": true,
                     *           "optimisticConcurrency": true
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Table"][];
                        nextCursor?: string;
                    };
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    schemaColumns: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
                logicalName: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of columns. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "name": "emailaddress1",
                     *           "displayName": "Email",
                     *           "type": "string",
                     *           "format": "email",
                     *           "maxLength": 100,
                     *           "precision": null,
                     *           "minValue": null,
                     *           "maxValue": null,
                     *           "options": null,
                     *           "required": "none",
                     *           "readable": true,
                     *           "creatable": true,
                     *           "updatable": true,
                     *           "readOnly": false,
                     *           "targets": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Column"][];
                        nextCursor?: string;
                    };
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    schemaAuthScapeFields: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                entity: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of fields. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "name": "firstName",
                     *           "key": "firstName",
                     *           "type": "string",
                     *           "maxLength": null,
                     *           "required": true,
                     *           "readable": true,
                     *           "writable": true,
                     *           "readOnly": false,
                     *           "inList": true,
                     *           "options": null,
                     *           "custom": false
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["AuthScapeField"][];
                        nextCursor?: string;
                    };
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.not_found"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    runsRequest: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key within 24 hours gives the first answer again. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "mode": "full"
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    mode: "full" | "incremental";
                    /** @default false */
                    dryRun?: boolean;
                    /** @default [] */
                    mappingIds?: string[];
                    sample?: number | (string | number)[];
                };
            };
        };
        responses: {
            /** @description The run waits for its first step. */
            202: {
                headers: {
                    /** @description Address of what was made or started. */
                    Location: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "r_5t0j8p3y6n",
                     *       "connectionId": "c_8f3k2m1x9q",
                     *       "mode": "full",
                     *       "trigger": "manual",
                     *       "dryRun": false,
                     *       "status": "running",
                     *       "phase": "readingDynamics",
                     *       "percent": 42,
                     *       "etaSeconds": 31,
                     *       "counts": {
                     *         "read": 420,
                     *         "created": 0,
                     *         "updated": 0,
                     *         "deactivated": 0,
                     *         "deleted": 0,
                     *         "linked": 0,
                     *         "unchanged": 400,
                     *         "skipped": 0,
                     *         "conflicts": 0,
                     *         "failed": 0
                     *       },
                     *       "bySide": {
                     *         "authScape": {
                     *           "created": 0,
                     *           "updated": 0,
                     *           "deactivated": 0,
                     *           "deleted": 0
                     *         },
                     *         "dynamics": {
                     *           "created": 0,
                     *           "updated": 0,
                     *           "deactivated": 0,
                     *           "deleted": 0
                     *         }
                     *       },
                     *       "requests": {
                     *         "dynamics": 12,
                     *         "authScape": 9,
                     *         "storage": 40
                     *       },
                     *       "messages": [],
                     *       "startedAt": "2026-11-29T08:00:00.000Z",
                     *       "finishedAt": null,
                     *       "error": null
                     *     }
                     */
                    "application/json": components["schemas"]["Run"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy.connection_disabled.run_in_progress"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            422: components["responses"]["422.no_enabled_mappings.idempotency_key_reused"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    runsGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                runId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The run. */
            200: {
                headers: {
                    /** @description Version of the resource, for If-Match. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "r_5t0j8p3y6n",
                     *       "connectionId": "c_8f3k2m1x9q",
                     *       "mode": "full",
                     *       "trigger": "manual",
                     *       "dryRun": false,
                     *       "status": "running",
                     *       "phase": "readingDynamics",
                     *       "percent": 42,
                     *       "etaSeconds": 31,
                     *       "counts": {
                     *         "read": 420,
                     *         "created": 0,
                     *         "updated": 0,
                     *         "deactivated": 0,
                     *         "deleted": 0,
                     *         "linked": 0,
                     *         "unchanged": 400,
                     *         "skipped": 0,
                     *         "conflicts": 0,
                     *         "failed": 0
                     *       },
                     *       "bySide": {
                     *         "authScape": {
                     *           "created": 0,
                     *           "updated": 0,
                     *           "deactivated": 0,
                     *           "deleted": 0
                     *         },
                     *         "dynamics": {
                     *           "created": 0,
                     *           "updated": 0,
                     *           "deactivated": 0,
                     *           "deleted": 0
                     *         }
                     *       },
                     *       "requests": {
                     *         "dynamics": 12,
                     *         "authScape": 9,
                     *         "storage": 40
                     *       },
                     *       "messages": [],
                     *       "startedAt": "2026-11-29T08:00:00.000Z",
                     *       "finishedAt": null,
                     *       "error": null
                     *     }
                     */
                    "application/json": components["schemas"]["Run"];
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.run_not_found"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    runsList: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of runs. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "r_5t0j8p3y6n",
                     *           "connectionId": "c_8f3k2m1x9q",
                     *           "mode": "full",
                     *           "trigger": "manual",
                     *           "dryRun": false,
                     *           "status": "running",
                     *           "phase": "readingDynamics",
                     *           "percent": 42,
                     *           "etaSeconds": 31,
                     *           "counts": {
                     *             "read": 420,
                     *             "created": 0,
                     *             "updated": 0,
                     *             "deactivated": 0,
                     *             "deleted": 0,
                     *             "linked": 0,
                     *             "unchanged": 400,
                     *             "skipped": 0,
                     *             "conflicts": 0,
                     *             "failed": 0
                     *           },
                     *           "bySide": {
                     *             "authScape": {
                     *               "created": 0,
                     *               "updated": 0,
                     *               "deactivated": 0,
                     *               "deleted": 0
                     *             },
                     *             "dynamics": {
                     *               "created": 0,
                     *               "updated": 0,
                     *               "deactivated": 0,
                     *               "deleted": 0
                     *             }
                     *           },
                     *           "requests": {
                     *             "dynamics": 12,
                     *             "authScape": 9,
                     *             "storage": 40
                     *           },
                     *           "messages": [],
                     *           "startedAt": "2026-11-29T08:00:00.000Z",
                     *           "finishedAt": null,
                     *           "error": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Run"][];
                        nextCursor?: string;
                    };
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    runsChanges: {
        parameters: {
            query?: {
                outcome?: "created" | "updated" | "unchanged" | "linked" | "deactivated" | "deleted" | "skipped" | "conflict" | "failed" | "held";
                entity?: "Company" | "Location" | "User";
                side?: "authScape" | "dynamics";
                field?: string;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                runId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of changes; with `Accept: text/csv` all of them as CSV, one line per field. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "e_0000000001",
                     *           "at": "2026-11-29T08:00:00.000Z",
                     *           "mappingId": "m_4k1x0c2v7b",
                     *           "entity": "User",
                     *           "authScapeId": "17",
                     *           "crmEntity": "contact",
                     *           "crmId": "6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11",
                     *           "side": "dynamics",
                     *           "action": "update",
                     *           "fields": [
                     *             {
                     *               "field": "telephone1",
                     *               "from": null,
                     *               "to": "+47 700",
                     *               "rule": "authScapeChanged"
                     *             }
                     *           ],
                     *           "outcome": "updated"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["RunChange"][];
                        nextCursor?: string;
                    };
                    "text/csv": string;
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.run_not_found"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    runsCancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                runId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The run ends with its present step. */
            202: {
                headers: {
                    /** @description Address of what was made or started. */
                    Location: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "r_5t0j8p3y6n",
                     *       "connectionId": "c_8f3k2m1x9q",
                     *       "mode": "full",
                     *       "trigger": "manual",
                     *       "dryRun": false,
                     *       "status": "running",
                     *       "phase": "readingDynamics",
                     *       "percent": 42,
                     *       "etaSeconds": 31,
                     *       "counts": {
                     *         "read": 420,
                     *         "created": 0,
                     *         "updated": 0,
                     *         "deactivated": 0,
                     *         "deleted": 0,
                     *         "linked": 0,
                     *         "unchanged": 400,
                     *         "skipped": 0,
                     *         "conflicts": 0,
                     *         "failed": 0
                     *       },
                     *       "bySide": {
                     *         "authScape": {
                     *           "created": 0,
                     *           "updated": 0,
                     *           "deactivated": 0,
                     *           "deleted": 0
                     *         },
                     *         "dynamics": {
                     *           "created": 0,
                     *           "updated": 0,
                     *           "deactivated": 0,
                     *           "deleted": 0
                     *         }
                     *       },
                     *       "requests": {
                     *         "dynamics": 12,
                     *         "authScape": 9,
                     *         "storage": 40
                     *       },
                     *       "messages": [],
                     *       "startedAt": "2026-11-29T08:00:00.000Z",
                     *       "finishedAt": null,
                     *       "error": null
                     *     }
                     */
                    "application/json": components["schemas"]["Run"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.run_not_found"];
            409: components["responses"]["409.record_busy"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    runsTakeBack: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                runId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was taken back. Records that the sample created stay. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "unlinked": 20,
                     *       "restored": 31,
                     *       "kept": [],
                     *       "busy": 0
                     *     }
                     */
                    "application/json": components["schemas"]["TakenBack"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.run_not_found"];
            409: components["responses"]["409.record_busy.sample_final.run_in_progress.environment_changed.schema_changed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    runsApprove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                runId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "changeIds": [
                 *         "p_WyJoIiwibV8xIiwiMSIsInJlbW92YWwiXQ"
                 *       ]
                 *     }
                 */
                "application/json": {
                    changeIds?: string[];
                };
            };
        };
        responses: {
            /** @description The run goes on. */
            202: {
                headers: {
                    /** @description Address of what was made or started. */
                    Location: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "r_5t0j8p3y6n",
                     *       "connectionId": "c_8f3k2m1x9q",
                     *       "mode": "full",
                     *       "trigger": "manual",
                     *       "dryRun": false,
                     *       "status": "running",
                     *       "phase": "readingDynamics",
                     *       "percent": 42,
                     *       "etaSeconds": 31,
                     *       "counts": {
                     *         "read": 420,
                     *         "created": 0,
                     *         "updated": 0,
                     *         "deactivated": 0,
                     *         "deleted": 0,
                     *         "linked": 0,
                     *         "unchanged": 400,
                     *         "skipped": 0,
                     *         "conflicts": 0,
                     *         "failed": 0
                     *       },
                     *       "bySide": {
                     *         "authScape": {
                     *           "created": 0,
                     *           "updated": 0,
                     *           "deactivated": 0,
                     *           "deleted": 0
                     *         },
                     *         "dynamics": {
                     *           "created": 0,
                     *           "updated": 0,
                     *           "deactivated": 0,
                     *           "deleted": 0
                     *         }
                     *       },
                     *       "requests": {
                     *         "dynamics": 12,
                     *         "authScape": 9,
                     *         "storage": 40
                     *       },
                     *       "messages": [],
                     *       "startedAt": "2026-11-29T08:00:00.000Z",
                     *       "finishedAt": null,
                     *       "error": null
                     *     }
                     */
                    "application/json": components["schemas"]["Run"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.run_not_found"];
            409: components["responses"]["409.record_busy.run_not_waiting.run_in_progress"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    runsReject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                runId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "changeIds": [
                 *         "p_WyJoIiwibV8xIiwiMSIsInJlbW92YWwiXQ"
                 *       ]
                 *     }
                 */
                "application/json": {
                    changeIds?: string[];
                };
            };
        };
        responses: {
            /** @description The run ends without what was held. */
            202: {
                headers: {
                    /** @description Address of what was made or started. */
                    Location: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "r_5t0j8p3y6n",
                     *       "connectionId": "c_8f3k2m1x9q",
                     *       "mode": "full",
                     *       "trigger": "manual",
                     *       "dryRun": false,
                     *       "status": "running",
                     *       "phase": "readingDynamics",
                     *       "percent": 42,
                     *       "etaSeconds": 31,
                     *       "counts": {
                     *         "read": 420,
                     *         "created": 0,
                     *         "updated": 0,
                     *         "deactivated": 0,
                     *         "deleted": 0,
                     *         "linked": 0,
                     *         "unchanged": 400,
                     *         "skipped": 0,
                     *         "conflicts": 0,
                     *         "failed": 0
                     *       },
                     *       "bySide": {
                     *         "authScape": {
                     *           "created": 0,
                     *           "updated": 0,
                     *           "deactivated": 0,
                     *           "deleted": 0
                     *         },
                     *         "dynamics": {
                     *           "created": 0,
                     *           "updated": 0,
                     *           "deactivated": 0,
                     *           "deleted": 0
                     *         }
                     *       },
                     *       "requests": {
                     *         "dynamics": 12,
                     *         "authScape": 9,
                     *         "storage": 40
                     *       },
                     *       "messages": [],
                     *       "startedAt": "2026-11-29T08:00:00.000Z",
                     *       "finishedAt": null,
                     *       "error": null
                     *     }
                     */
                    "application/json": components["schemas"]["Run"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.run_not_found"];
            409: components["responses"]["409.record_busy.run_not_waiting.run_in_progress"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    recordsSyncUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "connectionId": "c_8f3k2m1x9q",
                     *           "mappingId": "m_4k1x0c2v7b",
                     *           "outcome": "unchanged",
                     *           "authScapeId": "17",
                     *           "crmId": "6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11",
                     *           "changes": []
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["RecordResults"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.mapping_not_found.record_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            422: components["responses"]["422.mapping_invalid"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    recordsSyncCompany: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                companyId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "connectionId": "c_8f3k2m1x9q",
                     *           "mappingId": "m_4k1x0c2v7b",
                     *           "outcome": "unchanged",
                     *           "authScapeId": "17",
                     *           "crmId": "6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11",
                     *           "changes": []
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["RecordResults"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.mapping_not_found.record_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            422: components["responses"]["422.mapping_invalid"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    recordsSyncLocation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                locationId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "connectionId": "c_8f3k2m1x9q",
                     *           "mappingId": "m_4k1x0c2v7b",
                     *           "outcome": "unchanged",
                     *           "authScapeId": "17",
                     *           "crmId": "6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11",
                     *           "changes": []
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["RecordResults"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.mapping_not_found.record_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            422: components["responses"]["422.mapping_invalid"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    recordsSyncRow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                crmEntity: string;
                crmId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "connectionId": "c_8f3k2m1x9q",
                     *           "mappingId": "m_4k1x0c2v7b",
                     *           "outcome": "unchanged",
                     *           "authScapeId": "17",
                     *           "crmId": "6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11",
                     *           "changes": []
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["RecordResults"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.mapping_not_found.record_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            422: components["responses"]["422.mapping_invalid"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    recordsPreview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                mappingId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "authScapeId": "17"
                 *     }
                 */
                "application/json": {
                    authScapeId?: string | number;
                    crmId?: string;
                };
            };
        };
        responses: {
            /** @description What would be done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "connectionId": "c_8f3k2m1x9q",
                     *           "mappingId": "m_4k1x0c2v7b",
                     *           "outcome": "unchanged",
                     *           "authScapeId": "17",
                     *           "crmId": "6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11",
                     *           "changes": []
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["RecordResults"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.mapping_not_found.record_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            422: components["responses"]["422.mapping_invalid"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    recordsView: {
        parameters: {
            query?: {
                mappingId?: string;
            };
            header?: never;
            path: {
                id: string;
                entity: string;
                authScapeId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page of the record. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "mappingId": "m_4k1x0c2v7b",
                     *       "entity": "User",
                     *       "authScapeId": "17",
                     *       "crmEntity": "contact",
                     *       "crmId": "6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11",
                     *       "mappingIds": [
                     *         "m_4k1x0c2v7b"
                     *       ],
                     *       "link": {
                     *         "id": "l_bV80azF4MGMydjdifDE3",
                     *         "mappingId": "m_4k1x0c2v7b",
                     *         "entity": "User",
                     *         "authScapeId": "17",
                     *         "crmEntity": "contact",
                     *         "crmId": "6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11",
                     *         "state": "linked",
                     *         "createdAt": "2026-11-28T08:00:00.000Z",
                     *         "lastSyncedAt": "2026-11-29T08:00:00.000Z",
                     *         "clean": true,
                     *         "tombstone": null
                     *       },
                     *       "authScape": {
                     *         "active": true,
                     *         "readAt": "2026-11-29T08:05:00.000Z"
                     *       },
                     *       "dynamics": {
                     *         "active": true,
                     *         "modifiedOn": "2026-11-29T07:59:00Z",
                     *         "mergedInto": null,
                     *         "readAt": "2026-11-29T08:05:00.000Z"
                     *       },
                     *       "unavailable": null,
                     *       "fields": [],
                     *       "log": [],
                     *       "failures": [],
                     *       "marks": [],
                     *       "held": [],
                     *       "deadLetters": []
                     *     }
                     */
                    "application/json": components["schemas"]["RecordPage"];
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.mapping_not_found.record_not_found"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    recordsSearch: {
        parameters: {
            query: {
                search: string;
                entity?: "Company" | "Location" | "User";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description At most fifty records. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "mappingId": "m_4k1x0c2v7b",
                     *           "entity": "User",
                     *           "authScapeId": "17",
                     *           "crmEntity": "contact",
                     *           "crmId": "6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11",
                     *           "authScape": {
                     *             "name": "Ann Moe",
                     *             "email": "ann@contoso.com",
                     *             "active": true
                     *           },
                     *           "dynamics": {
                     *             "name": "Ann Moe",
                     *             "email": "ann@contoso.com",
                     *             "active": true
                     *           },
                     *           "link": {
                     *             "id": "l_bV80azF4MGMydjdifDE3",
                     *             "mappingId": "m_4k1x0c2v7b",
                     *             "entity": "User",
                     *             "authScapeId": "17",
                     *             "crmEntity": "contact",
                     *             "crmId": "6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11",
                     *             "state": "linked",
                     *             "createdAt": "2026-11-28T08:00:00.000Z",
                     *             "lastSyncedAt": "2026-11-29T08:00:00.000Z"
                     *           }
                     *         }
                     *       ],
                     *       "truncated": false
                     *     }
                     */
                    "application/json": components["schemas"]["FoundRecords"];
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    linksList: {
        parameters: {
            query?: {
                entity?: "User" | "Company" | "Location";
                authScapeId?: string;
                crmId?: string;
                state?: "linked" | "tombstone";
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of links. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "bV80azF4MGMydjdiOjE3",
                     *           "mappingId": "m_4k1x0c2v7b",
                     *           "entity": "User",
                     *           "authScapeId": "17",
                     *           "crmEntity": "contact",
                     *           "crmId": "6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11",
                     *           "state": "linked",
                     *           "createdAt": "2026-11-28T08:00:00.000Z",
                     *           "lastSyncedAt": "2026-11-29T08:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["Link"][];
                        nextCursor?: string;
                    };
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    linksCreate: {
        parameters: {
            query?: {
                preview?: "true" | "false";
            };
            header?: {
                /** @description The same key within 24 hours gives the first answer again. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "mappingId": "m_4k1x0c2v7b",
                 *       "authScapeId": "17",
                 *       "crmId": "6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11"
                 *     }
                 */
                "application/json": {
                    mappingId: string;
                    authScapeId: string | number;
                    crmId: string;
                };
            };
        };
        responses: {
            /** @description What linking would write; nothing was done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "mappingId": "m_4k1x0c2v7b",
                     *       "entity": "User",
                     *       "authScapeId": "17",
                     *       "crmEntity": "contact",
                     *       "crmId": "6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11",
                     *       "outcome": "linked",
                     *       "changes": []
                     *     }
                     */
                    "application/json": components["schemas"]["LinkPreview"];
                };
            };
            /** @description The records are linked. */
            201: {
                headers: {
                    /** @description Address of what was made or started. */
                    Location: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "l_bV80azF4MGMydjdifDE3",
                     *       "mappingId": "m_4k1x0c2v7b",
                     *       "entity": "User",
                     *       "authScapeId": "17",
                     *       "crmEntity": "contact",
                     *       "crmId": "6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11",
                     *       "state": "linked",
                     *       "createdAt": "2026-11-28T08:00:00.000Z",
                     *       "lastSyncedAt": "2026-11-29T08:00:00.000Z",
                     *       "outcome": "linked",
                     *       "changes": []
                     *     }
                     */
                    "application/json": components["schemas"]["LinkedByHand"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.mapping_not_found.record_not_found"];
            409: components["responses"]["409.record_busy.connection_disabled.record_already_linked.environment_changed.schema_changed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            422: components["responses"]["422.link_not_allowed.idempotency_key_reused"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    problemsList: {
        parameters: {
            query?: {
                kind?: "failed" | "ambiguous" | "held" | "deadLetter" | "skipped";
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of problems; the counts are those of all. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "p_WyJhIiwibV80azF4MGMydjdiIiwiMTciXQ",
                     *           "kind": "failed",
                     *           "entity": "User",
                     *           "mappingId": "m_4k1x0c2v7b",
                     *           "crmEntity": "contact",
                     *           "authScapeId": "17",
                     *           "crmId": "6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11",
                     *           "code": "invalid_email",
                     *           "message": "The value is not an e-mail address.",
                     *           "field": "emailaddress1",
                     *           "since": "2026-11-29T08:00:00.000Z",
                     *           "attempts": 3,
                     *           "actions": [
                     *             "retry"
                     *           ]
                     *         }
                     *       ],
                     *       "counts": {
                     *         "failed": 1,
                     *         "ambiguous": 0,
                     *         "held": 0,
                     *         "deadLetter": 0,
                     *         "skipped": 0
                     *       },
                     *       "truncated": false
                     *     }
                     */
                    "application/json": components["schemas"]["ProblemReport"];
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    problemsRetry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "kind": "failed"
                 *     }
                 */
                "application/json": {
                    ids?: string[];
                    /** @enum {string} */
                    kind?: "failed" | "ambiguous" | "deadLetter" | "skipped";
                };
            };
        };
        responses: {
            /** @description How many are looked at again. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accepted": 1
                     *     }
                     */
                    "application/json": {
                        accepted: number;
                    };
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy.connection_disabled"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    statsGet: {
        parameters: {
            query?: {
                days?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Counts of the days asked for, newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "from": "2026-11-29T00:00:00.000Z",
                     *       "to": "2026-11-29T08:00:00.000Z",
                     *       "lastSyncAt": "2026-11-29T07:55:00.000Z",
                     *       "lastSuccessAt": "2026-11-29T07:55:00.000Z",
                     *       "links": {
                     *         "User": 980,
                     *         "Company": 20,
                     *         "Location": 30
                     *       },
                     *       "totals": {
                     *         "created": 0,
                     *         "updated": 3,
                     *         "deactivated": 0,
                     *         "deleted": 0,
                     *         "linked": 0,
                     *         "skipped": 0,
                     *         "conflicts": 0,
                     *         "failed": 0
                     *       },
                     *       "bySide": {
                     *         "authScape": {
                     *           "created": 0,
                     *           "updated": 0,
                     *           "deactivated": 0,
                     *           "deleted": 0
                     *         },
                     *         "dynamics": {
                     *           "created": 0,
                     *           "updated": 3,
                     *           "deactivated": 0,
                     *           "deleted": 0
                     *         }
                     *       },
                     *       "runs": {
                     *         "succeeded": 4,
                     *         "partiallySucceeded": 0,
                     *         "failed": 0,
                     *         "cancelled": 0
                     *       },
                     *       "events": {
                     *         "received": 3,
                     *         "echoes": 1,
                     *         "deadLettered": 0,
                     *         "medianLatencyMs": 710,
                     *         "p95LatencyMs": 2168
                     *       },
                     *       "requests": {
                     *         "dynamics": 120,
                     *         "authScape": 90
                     *       },
                     *       "byDay": [
                     *         {
                     *           "day": "2026-11-29",
                     *           "totals": {
                     *             "created": 0,
                     *             "updated": 3,
                     *             "deactivated": 0,
                     *             "deleted": 0,
                     *             "linked": 0,
                     *             "skipped": 0,
                     *             "conflicts": 0,
                     *             "failed": 0
                     *           },
                     *           "events": {
                     *             "received": 3,
                     *             "echoes": 1,
                     *             "deadLettered": 0,
                     *             "medianLatencyMs": 710,
                     *             "p95LatencyMs": 2168
                     *           },
                     *           "requests": {
                     *             "dynamics": 120,
                     *             "authScape": 90
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Stats"];
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    diagnosticsGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was found. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "checkedAt": "2026-11-29T08:00:00.000Z",
                     *       "mappings": [
                     *         {
                     *           "mappingId": "m_4k1x0c2v7b",
                     *           "entity": "User",
                     *           "crmEntity": "contact",
                     *           "authScape": {
                     *             "total": 100,
                     *             "active": 90,
                     *             "linked": 80,
                     *             "unlinked": 20,
                     *             "withoutMatchKey": 2
                     *           },
                     *           "dynamics": {
                     *             "total": 100,
                     *             "active": 90,
                     *             "linked": 80,
                     *             "unlinked": 20,
                     *             "withoutMatchKey": 2,
                     *             "totalIsEstimate": false
                     *           },
                     *           "failed": 0,
                     *           "waiting": 2,
                     *           "held": 0
                     *         }
                     *       ],
                     *       "recommendations": [
                     *         {
                     *           "code": "webhook_missing",
                     *           "severity": "info",
                     *           "message": "No webhook is registered: changes in Dynamics arrive with the next run.",
                     *           "action": "Register the webhook, or set up the Power Automate flow.",
                     *           "link": "/api/connections/c_8f3k2m1x9q/webhook"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Diagnosis"];
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    linksDelete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                linkId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The records are no longer linked. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.link_not_found"];
            409: components["responses"]["409.record_busy"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    logsList: {
        parameters: {
            query?: {
                status?: "success" | "conflict" | "skipped" | "failed" | "held";
                since?: string;
                entity?: "User" | "Company" | "Location";
                authScapeId?: string;
                crmId?: string;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of log entries. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "e_0000000001",
                     *           "at": "2026-11-29T08:00:00.000Z",
                     *           "status": "success",
                     *           "trigger": "run",
                     *           "runId": "r_5t0j8p3y6n",
                     *           "mappingId": "m_4k1x0c2v7b",
                     *           "entity": "User",
                     *           "authScapeId": "17",
                     *           "crmEntity": "contact",
                     *           "crmId": "6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11",
                     *           "side": "dynamics",
                     *           "action": "update",
                     *           "fields": [
                     *             {
                     *               "field": "telephone1",
                     *               "from": null,
                     *               "to": "+47 700",
                     *               "rule": "authScapeChanged"
                     *             }
                     *           ],
                     *           "outcome": "updated"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["LogEntry"][];
                        nextCursor?: string;
                    };
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    logsDelete: {
        parameters: {
            query: {
                olderThan: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How many entries were removed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "removed": 12
                     *     }
                     */
                    "application/json": {
                        removed: number;
                    };
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    duplicatesList: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was found. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "kind": "dynamics",
                     *           "mappingId": "m_4k1x0c2v7b",
                     *           "entity": "User",
                     *           "crmEntity": "contact",
                     *           "key": [
                     *             "ann@contoso.com"
                     *           ],
                     *           "authScapeIds": [],
                     *           "crmIds": [
                     *             "6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11",
                     *             "7a0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b12"
                     *           ]
                     *         }
                     *       ],
                     *       "truncated": false
                     *     }
                     */
                    "application/json": components["schemas"]["DuplicateReport"];
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            422: components["responses"]["422.mapping_invalid"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    recordsErase: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "entity": "User",
                 *       "authScapeId": "17"
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    entity: "Company" | "Location" | "User";
                    authScapeId?: string | number;
                    crmId?: string;
                };
            };
        };
        responses: {
            /** @description What was erased. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "authScapeIds": [
                     *         "17"
                     *       ],
                     *       "crmIds": [
                     *         "6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11"
                     *       ],
                     *       "erased": {
                     *         "links": 1,
                     *         "claims": 0,
                     *         "logs": 3,
                     *         "changes": 0,
                     *         "problems": 0,
                     *         "reservations": 0,
                     *         "deadLetters": 0,
                     *         "staged": 0,
                     *         "answers": 0
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Erased"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy.run_in_progress"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    webhookGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is registered. */
            200: {
                headers: {
                    /** @description Version of the resource, for If-Match. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "registered": true,
                     *       "baseUrl": "https://contoso-sync.azurewebsites.net",
                     *       "url": "https://contoso-sync.azurewebsites.net/api/crm/webhook/dynamics/c_8f3k2m1x9q",
                     *       "endpointId": "1f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11",
                     *       "registeredAt": "2026-11-28T08:00:00.000Z",
                     *       "hasWebhookSecret": true,
                     *       "previousSecretUntil": null,
                     *       "steps": [
                     *         {
                     *           "id": "2f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11",
                     *           "name": "AuthScape sync c_8f3k2m1x9q: Update of contact",
                     *           "crmEntity": "contact",
                     *           "message": "Update",
                     *           "filteringAttributes": [
                     *             "emailaddress1",
                     *             "firstname"
                     *           ],
                     *           "enabled": true
                     *         }
                     *       ],
                     *       "drift": [],
                     *       "lastFailure": null
                     *     }
                     */
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    webhookRegister: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "baseUrl": "https://contoso-sync.azurewebsites.net"
                 *     }
                 */
                "application/json": {
                    baseUrl: string;
                };
            };
        };
        responses: {
            /** @description What is registered now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "registered": true,
                     *       "baseUrl": "https://contoso-sync.azurewebsites.net",
                     *       "url": "https://contoso-sync.azurewebsites.net/api/crm/webhook/dynamics/c_8f3k2m1x9q",
                     *       "endpointId": "1f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11",
                     *       "registeredAt": "2026-11-28T08:00:00.000Z",
                     *       "hasWebhookSecret": true,
                     *       "previousSecretUntil": null,
                     *       "steps": [
                     *         {
                     *           "id": "2f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11",
                     *           "name": "AuthScape sync c_8f3k2m1x9q: Update of contact",
                     *           "crmEntity": "contact",
                     *           "message": "Update",
                     *           "filteringAttributes": [
                     *             "emailaddress1",
                     *             "firstname"
                     *           ],
                     *           "enabled": true
                     *         }
                     *       ],
                     *       "drift": [],
                     *       "lastFailure": null
                     *     }
                     */
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            422: components["responses"]["422.no_enabled_mappings.table_without_events"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    webhookDelete: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETag that the resource must still have; else 412 precondition_failed. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Nothing is registered any more. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            412: components["responses"]["412.precondition_failed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    webhookRotateSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The secret was replaced. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "registered": true,
                     *       "hasWebhookSecret": true,
                     *       "previousSecretUntil": "2026-11-30T08:00:00.000Z"
                     *     }
                     */
                    "application/json": {
                        registered: boolean;
                        hasWebhookSecret: boolean;
                        previousSecretUntil: string | null;
                    };
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    webhookPowerAutomate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One flow for each mapped table. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "uri": "https://contoso-sync.azurewebsites.net/api/crm/webhook/dynamics/c_8f3k2m1x9q",
                     *       "flows": [
                     *         {
                     *           "table": "contact",
                     *           "trigger": {
                     *             "operation": "When a row is added, modified or deleted",
                     *             "tableName": "contact"
                     *           },
                     *           "http": {
                     *             "method": "POST",
                     *             "uri": "https://contoso-sync.azurewebsites.net/api/crm/webhook/dynamics/c_8f3k2m1x9q",
                     *             "headers": {
                     *               "Content-Type": "application/json"
                     *             },
                     *             "body": {
                     *               "PrimaryEntityName": "contact"
                     *             }
                     *           },
                     *           "definition": {}
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["PowerAutomateGuide"];
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    deadLettersList: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of dead letters. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "d_1x2y3z",
                     *           "kind": "record",
                     *           "input": {
                     *             "source": "dynamics",
                     *             "entity": "contact",
                     *             "id": "6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11"
                     *           },
                     *           "cause": {
                     *             "code": "dynamics_error",
                     *             "message": "Dynamics answered with status 500."
                     *           },
                     *           "count": 5,
                     *           "firstFailedAt": "2026-11-29T08:00:00.000Z",
                     *           "lastFailedAt": "2026-11-29T08:02:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["DeadLetter"][];
                        nextCursor?: string;
                    };
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    deadLettersReplay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                letterId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How many go through the queue again. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "replayed": 1
                     *     }
                     */
                    "application/json": {
                        replayed: number;
                    };
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.dead_letter_not_found"];
            409: components["responses"]["409.record_busy.version_too_old"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    deadLettersReplayAll: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How many go through the queue again. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "replayed": 1
                     *     }
                     */
                    "application/json": {
                        replayed: number;
                    };
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    deadLettersDelete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                letterId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The dead letter is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found.dead_letter_not_found"];
            409: components["responses"]["409.record_busy"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    eventsDynamics: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                connectionId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "MessageName": "Update",
                 *       "PrimaryEntityName": "contact",
                 *       "PrimaryEntityId": "6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11"
                 *     }
                 */
                "application/json": {
                    MessageName: string;
                    PrimaryEntityName: string;
                    PrimaryEntityId: string;
                    OrganizationId?: string | null;
                };
            };
        };
        responses: {
            /** @description The event is stored and will be worked on. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            409: components["responses"]["409.record_busy"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.secret_store_unavailable.secret_missing"];
        };
    };
    eventsAuthScape: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "events": [
                 *         {
                 *           "entity": "User",
                 *           "id": "17",
                 *           "change": "updated",
                 *           "occurredAt": "2026-11-29T08:00:00Z"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": {
                    events: {
                        /** @enum {string} */
                        entity: "User" | "Company" | "Location";
                        id: string | number;
                        /** @enum {string} */
                        change: "created" | "updated" | "deleted";
                        /** Format: date-time */
                        occurredAt?: string;
                    }[];
                };
            };
        };
        responses: {
            /** @description The valid events are stored; `errors` names the others. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accepted": 1,
                     *       "errors": [
                     *         {
                     *           "path": "events[1].id",
                     *           "message": "Too small"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        accepted: number;
                        errors: components["schemas"]["Fault"][];
                    };
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            409: components["responses"]["409.record_busy"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    configurationGet: {
        parameters: {
            query?: {
                connection?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "version": 1,
                     *       "connections": []
                     *     }
                     */
                    "application/json": components["schemas"]["Configuration"];
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            404: components["responses"]["404.connection_not_found"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    configurationPut: {
        parameters: {
            query?: {
                validate?: "true" | "false";
                prune?: "true" | "false";
            };
            header?: {
                /** @description ETag that the resource must still have; else 412 precondition_failed. */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "version": 1,
                 *       "connections": [
                 *         {
                 *           "name": "Production Dynamics",
                 *           "syncIntervalMinutes": 30,
                 *           "mappings": [
                 *             {
                 *               "authScapeEntity": "User",
                 *               "crmEntity": "contact",
                 *               "fields": [
                 *                 {
                 *                   "authScapeField": "id",
                 *                   "crmField": "employeeid",
                 *                   "direction": "Outbound"
                 *                 }
                 *               ]
                 *             }
                 *           ]
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": {
                    /**
                     * @default 1
                     * @constant
                     */
                    version?: 1;
                    connections: {
                        name: string;
                        /** @constant */
                        provider?: "Dynamics365";
                        environment?: string;
                        tenantId?: string | null;
                        clientId?: string | null;
                        credential?: {
                            /** @constant */
                            kind: "clientSecret";
                        } | {
                            /** @constant */
                            kind: "certificate";
                            name: string;
                        } | {
                            /** @constant */
                            kind: "managedIdentity";
                        };
                        credentialExpiresAt?: string | null;
                        /** @enum {string} */
                        direction?: "Bidirectional" | "Inbound" | "Outbound";
                        enabled?: boolean;
                        syncIntervalMinutes?: number;
                        fullSyncSchedule?: string | null;
                        /** @enum {string} */
                        conflictPolicy?: "lastWriteWins" | "dynamicsWins" | "authScapeWins";
                        /** @enum {string} */
                        deletePolicy?: "deactivate" | "delete" | "unlink" | "ignore";
                        massDeleteGuard?: {
                            count: number;
                            percent: number;
                        } | null;
                        /** @enum {string} */
                        logValues?: "all" | "changedOnly" | "none";
                        mappings?: {
                            /** @enum {string} */
                            authScapeEntity: "User" | "Company" | "Location";
                            crmEntity: string;
                            /** @enum {string} */
                            direction?: "Bidirectional" | "Inbound" | "Outbound";
                            enabled?: boolean;
                            filter?: string | null;
                            matchBy?: string[];
                            fields?: {
                                authScapeField: string;
                                crmField: string;
                                /** @enum {string} */
                                direction?: "Bidirectional" | "Inbound" | "Outbound";
                                enabled?: boolean;
                                required?: boolean;
                                syncNullValues?: boolean;
                                transform?: ({
                                    /** @constant */
                                    type: "stateCode";
                                    inverted?: boolean;
                                } | {
                                    /** @constant */
                                    type: "boolean";
                                    inverted?: boolean;
                                } | {
                                    /** @constant */
                                    type: "optionSet";
                                    /** @enum {string} */
                                    by?: "value" | "label";
                                    language?: number;
                                } | {
                                    /** @constant */
                                    type: "date";
                                    timeZone?: string;
                                } | {
                                    /** @constant */
                                    type: "number";
                                    decimals?: number;
                                } | {
                                    /** @enum {string} */
                                    type: "uppercase" | "lowercase" | "titleCase" | "trim";
                                } | {
                                    /** @constant */
                                    type: "concatenate";
                                    fields: string[];
                                    separator?: string;
                                } | {
                                    /** @constant */
                                    type: "split";
                                    separator: string;
                                    index: number;
                                } | {
                                    /** @constant */
                                    type: "default";
                                    value: string | number | boolean;
                                } | {
                                    /** @constant */
                                    type: "valueMap";
                                    map: unknown;
                                }) | null;
                            }[];
                            relationships?: {
                                /** @enum {string} */
                                authScapeField: "companyId" | "locationId";
                                /** @enum {string} */
                                relatedEntity: "Company" | "Location";
                                crmLookupField: string;
                                crmRelatedEntity: string;
                                /** @enum {string} */
                                direction?: "Bidirectional" | "Inbound" | "Outbound";
                                enabled?: boolean;
                                syncNullValues?: boolean;
                                autoCreateRelated?: boolean;
                            }[];
                        }[];
                    }[];
                };
            };
        };
        responses: {
            /** @description What was changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "changes": [
                     *         {
                     *           "path": "connections[Production Dynamics].syncIntervalMinutes",
                     *           "action": "update",
                     *           "from": 15,
                     *           "to": 30
                     *         }
                     *       ],
                     *       "problems": []
                     *     }
                     */
                    "application/json": components["schemas"]["ConfigurationPlan"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            409: components["responses"]["409.record_busy.connection_name_taken.connection_has_links.table_already_mapped.run_in_progress.environment_changed.schema_changed"];
            412: components["responses"]["412.precondition_failed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            422: components["responses"]["422.configuration_invalid.mapping_invalid"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    configurationPlan: {
        parameters: {
            query?: {
                validate?: "true" | "false";
                prune?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "version": 1,
                 *       "connections": [
                 *         {
                 *           "name": "Production Dynamics",
                 *           "syncIntervalMinutes": 30,
                 *           "mappings": [
                 *             {
                 *               "authScapeEntity": "User",
                 *               "crmEntity": "contact",
                 *               "fields": [
                 *                 {
                 *                   "authScapeField": "id",
                 *                   "crmField": "employeeid",
                 *                   "direction": "Outbound"
                 *                 }
                 *               ]
                 *             }
                 *           ]
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": {
                    /**
                     * @default 1
                     * @constant
                     */
                    version?: 1;
                    connections: {
                        name: string;
                        /** @constant */
                        provider?: "Dynamics365";
                        environment?: string;
                        tenantId?: string | null;
                        clientId?: string | null;
                        credential?: {
                            /** @constant */
                            kind: "clientSecret";
                        } | {
                            /** @constant */
                            kind: "certificate";
                            name: string;
                        } | {
                            /** @constant */
                            kind: "managedIdentity";
                        };
                        credentialExpiresAt?: string | null;
                        /** @enum {string} */
                        direction?: "Bidirectional" | "Inbound" | "Outbound";
                        enabled?: boolean;
                        syncIntervalMinutes?: number;
                        fullSyncSchedule?: string | null;
                        /** @enum {string} */
                        conflictPolicy?: "lastWriteWins" | "dynamicsWins" | "authScapeWins";
                        /** @enum {string} */
                        deletePolicy?: "deactivate" | "delete" | "unlink" | "ignore";
                        massDeleteGuard?: {
                            count: number;
                            percent: number;
                        } | null;
                        /** @enum {string} */
                        logValues?: "all" | "changedOnly" | "none";
                        mappings?: {
                            /** @enum {string} */
                            authScapeEntity: "User" | "Company" | "Location";
                            crmEntity: string;
                            /** @enum {string} */
                            direction?: "Bidirectional" | "Inbound" | "Outbound";
                            enabled?: boolean;
                            filter?: string | null;
                            matchBy?: string[];
                            fields?: {
                                authScapeField: string;
                                crmField: string;
                                /** @enum {string} */
                                direction?: "Bidirectional" | "Inbound" | "Outbound";
                                enabled?: boolean;
                                required?: boolean;
                                syncNullValues?: boolean;
                                transform?: ({
                                    /** @constant */
                                    type: "stateCode";
                                    inverted?: boolean;
                                } | {
                                    /** @constant */
                                    type: "boolean";
                                    inverted?: boolean;
                                } | {
                                    /** @constant */
                                    type: "optionSet";
                                    /** @enum {string} */
                                    by?: "value" | "label";
                                    language?: number;
                                } | {
                                    /** @constant */
                                    type: "date";
                                    timeZone?: string;
                                } | {
                                    /** @constant */
                                    type: "number";
                                    decimals?: number;
                                } | {
                                    /** @enum {string} */
                                    type: "uppercase" | "lowercase" | "titleCase" | "trim";
                                } | {
                                    /** @constant */
                                    type: "concatenate";
                                    fields: string[];
                                    separator?: string;
                                } | {
                                    /** @constant */
                                    type: "split";
                                    separator: string;
                                    index: number;
                                } | {
                                    /** @constant */
                                    type: "default";
                                    value: string | number | boolean;
                                } | {
                                    /** @constant */
                                    type: "valueMap";
                                    map: unknown;
                                }) | null;
                            }[];
                            relationships?: {
                                /** @enum {string} */
                                authScapeField: "companyId" | "locationId";
                                /** @enum {string} */
                                relatedEntity: "Company" | "Location";
                                crmLookupField: string;
                                crmRelatedEntity: string;
                                /** @enum {string} */
                                direction?: "Bidirectional" | "Inbound" | "Outbound";
                                enabled?: boolean;
                                syncNullValues?: boolean;
                                autoCreateRelated?: boolean;
                            }[];
                        }[];
                    }[];
                };
            };
        };
        responses: {
            /** @description The changes, and what is in the way of them; the ETag is for `PUT`. */
            200: {
                headers: {
                    /** @description Version of the resource, for If-Match. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "changes": [
                     *         {
                     *           "path": "connections[Production Dynamics].syncIntervalMinutes",
                     *           "action": "update",
                     *           "from": 15,
                     *           "to": 30
                     *         }
                     *       ],
                     *       "problems": []
                     *     }
                     */
                    "application/json": components["schemas"]["ConfigurationPlan"];
                };
            };
            400: components["responses"]["400.invalid_request.invalid_json"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            409: components["responses"]["409.record_busy.environment_changed.schema_changed"];
            413: components["responses"]["413.payload_too_large"];
            415: components["responses"]["415.unsupported_media_type"];
            500: components["responses"]["500.internal_error"];
            502: components["responses"]["502.invalid_client_credentials.access_denied.environment_not_found.tenant_not_found.application_user_missing.dynamics_error.authscape_unauthorized.authscape_unreachable.authscape_module_missing.authscape_error.authscape_empty"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable.secret_store_unavailable.secret_missing.service_protection_limit.dynamics_unavailable"];
            504: components["responses"]["504.connection_timeout"];
        };
    };
    auditList: {
        parameters: {
            query?: {
                since?: string;
                actor?: string;
                connectionId?: string;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of entries. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "a_2m8s5d1q0z7k",
                     *           "at": "2026-11-29T08:00:00.000Z",
                     *           "actor": {
                     *             "kind": "user",
                     *             "name": "ann@contoso.com"
                     *           },
                     *           "action": "connection.update",
                     *           "target": "/api/connections/c_8f3k2m1x9q",
                     *           "connectionId": "c_8f3k2m1x9q",
                     *           "changes": [
                     *             {
                     *               "path": "syncIntervalMinutes",
                     *               "from": 15,
                     *               "to": 30
                     *             }
                     *           ]
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        items: components["schemas"]["AuditEntry"][];
                        nextCursor?: string;
                    };
                };
            };
            400: components["responses"]["400.invalid_request"];
            401: components["responses"]["401.unauthorized"];
            403: components["responses"]["403.forbidden"];
            409: components["responses"]["409.record_busy"];
            500: components["responses"]["500.internal_error"];
            503: components["responses"]["503.storage_unavailable.issuer_unavailable"];
        };
    };
    health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Both answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "healthy",
                     *       "version": "1.4.0",
                     *       "checks": [
                     *         {
                     *           "name": "storage",
                     *           "ok": true,
                     *           "durationMs": 4
                     *         },
                     *         {
                     *           "name": "keyVault",
                     *           "ok": true,
                     *           "durationMs": 12
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Health"];
                };
            };
            500: components["responses"]["500.internal_error"];
            /** @description One of them does not. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "unhealthy",
                     *       "version": "1.4.0",
                     *       "checks": [
                     *         {
                     *           "name": "storage",
                     *           "ok": false,
                     *           "durationMs": 4
                     *         },
                     *         {
                     *           "name": "keyVault",
                     *           "ok": true,
                     *           "durationMs": 12
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    openApi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The OpenAPI 3.1 document of this service. */
            200: {
                headers: {
                    /** @description Version of the resource, for If-Match. */
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "openapi": "3.1.1"
                     *     }
                     */
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            500: components["responses"]["500.internal_error"];
        };
    };
}
