-- Lists the tables and sequences that a Bucardo knows, which it calls goats.
-- Takes: nothing. Returns: one row each: number, database, schema, name, kind, the key's columns separated by | (empty for
-- none, null when nobody looked), and the settings that a relation can have of its own.
-- Reads: bucardo.goat. Writes: nothing. Columns that differ between versions of Bucardo are looked up by name.
SELECT g.id, g.db, g.schemaname, g.tablename, g.reltype, g.pkey, g.autokick,
       coalesce(to_jsonb(g) ->> 'conflict_strategy', to_jsonb(g) ->> 'standard_conflict') AS conflict_strategy,
       to_jsonb(g) ->> 'makedelta' AS makedelta, g.rebuild_index, g.ghost, g.strict_checking, g.delta_bypass
  FROM bucardo.goat AS g
 ORDER BY g.schemaname, g.tablename, g.id
