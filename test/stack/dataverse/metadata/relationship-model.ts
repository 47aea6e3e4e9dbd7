import { guidOf } from '../environment.js';
import type { UniqueKey } from '../tables/keys.js';
import type { TableDefinition } from '../tables/schema.js';
import { type Json, label, managed } from './metadata-model.js';

const DELETE_BEHAVIOURS = { cascade: 'Cascade', removeLink: 'RemoveLink', restrict: 'Restrict' };

/** One entry per lookup and navigation property; owners count as one table. */
export function manyToOneJson(table: TableDefinition): Json[] {
  const relationships = new Map<string, Json>();
  for (const column of table.columns.values()) {
    for (const target of column.targets ?? []) {
      if (target.nav === '' || relationships.has(target.relationship)) {
        continue;
      }
      const referenced = column.name === 'ownerid' ? 'owner' : target.table;
      relationships.set(target.relationship, {
        MetadataId: guidOf(`relationship ${table.name}.${target.relationship}`),
        SchemaName: target.relationship,
        RelationshipType: 'OneToManyRelationship',
        IsCustomRelationship: column.isCustom,
        IsValidForAdvancedFind: true,
        ReferencingEntity: table.name,
        ReferencingAttribute: column.name,
        ReferencingEntityNavigationPropertyName: target.nav,
        ReferencedEntity: referenced,
        ReferencedAttribute: `${referenced}id`,
        ReferencedEntityNavigationPropertyName: target.relationship,
        CascadeConfiguration: { Delete: DELETE_BEHAVIOURS[target.onDelete] },
      });
    }
  }
  return [...relationships.values()];
}

export function keyJson({ table, name, columns, indexStatus }: UniqueKey): Json {
  return {
    MetadataId: guidOf(`key ${table}.${name}`),
    LogicalName: name,
    SchemaName: name,
    EntityLogicalName: table,
    KeyAttributes: columns,
    EntityKeyIndexStatus: indexStatus,
    IsCustomizable: managed(true, 'iscustomizable'),
    IsManaged: false,
    DisplayName: label(name),
  };
}
