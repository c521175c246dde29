-- Notes at a node that a table has another name: where it has joined streams, and for the rows that are kept out of it and the history of its
-- conflicts. What is left of a table that had the new name before and is replicated no more gives way: of its rows that were kept out the history tells, and
-- where both tell of one version, the other's stays.
-- Takes: {old_schema}, {old_table}, {schema}, {table} as literals. Returns: nothing. Reads: replicated_table. Writes: table_state, quarantine, conflict.
UPDATE switchback.table_state SET schema_name = {schema}, table_name = {table}
 WHERE schema_name = {old_schema} AND table_name = {old_table};
DELETE FROM switchback.quarantine
 WHERE schema_name = {schema} AND table_name = {table}
   AND NOT EXISTS (SELECT FROM switchback.replicated_table AS r WHERE r.schema_name = {schema} AND r.table_name = {table});
UPDATE switchback.quarantine SET schema_name = {schema}, table_name = {table}
 WHERE schema_name = {old_schema} AND table_name = {old_table};
UPDATE switchback.conflict AS c SET schema_name = {schema}, table_name = {table}
 WHERE schema_name = {old_schema} AND table_name = {old_table}
   AND NOT EXISTS (SELECT FROM switchback.conflict AS o
                    WHERE o.sync = c.sync AND o.schema_name = {schema} AND o.table_name = {table}
                      AND o.loser_origin = c.loser_origin AND o.loser_txid = c.loser_txid
                      AND switchback.key_digest(o.key_values) = switchback.key_digest(c.key_values))
