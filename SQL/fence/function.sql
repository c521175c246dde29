-- Refuses what applications write to one table. Replication passes, for its session_replication_role is replica, and
-- ordinary triggers do not fire in it. Each table has a function of its own: only a table's owner can drop a trigger, but
-- whoever owns the function can drop that, and its triggers go with it.
-- Takes: {function}. Returns: a trigger function that never returns but raises 25006; its arguments are the node's name
-- and the sync's. Reads: nothing. Writes: nothing.
CREATE OR REPLACE FUNCTION switchback.{function}() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $fence$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'read_only_sql_transaction',
        MESSAGE = format('cannot execute %s on %I.%I: Switchback keeps node %s read-only as a target of sync %s',
                         TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_ARGV[0], TG_ARGV[1]),
        HINT = 'Write at a source of the sync; the change arrives here by itself.';
END $fence$;
REVOKE ALL ON FUNCTION switchback.{function}() FROM PUBLIC;
