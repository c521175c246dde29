-- Refuses what applications write to one table while the node's fence is closed. Replication passes, for its
-- session_replication_role is replica. Each table has a function of its own: only a table's owner can drop a trigger, but
-- whoever owns the function can drop that, and its triggers go with it.
-- Takes: {function}. Returns: a trigger function that changes nothing, or raises 25006; its arguments are the node's name and
-- the sync's. It runs as Switchback's role, so that applications need no grants; all names in it are qualified.
-- Reads: fence_state. Writes: nothing; until its end the transaction shares a lock, for which whoever closes the fence waits.
CREATE OR REPLACE FUNCTION switchback.{function}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
AS $fence$
DECLARE
    state pg_catalog.int8;
BEGIN
    -- The lock comes first: who shares it has been seen by whoever closes the fence after.
    IF NOT pg_catalog.pg_try_advisory_xact_lock_shared(1398227523, 3)
        AND pg_catalog.pg_sequence_last_value('switchback.fence_state') OPERATOR(pg_catalog.&) 1 OPERATOR(pg_catalog.=) 0
    THEN
        PERFORM pg_catalog.pg_advisory_xact_lock_shared(1398227523, 3);
    END IF;
    state := pg_catalog.pg_sequence_last_value('switchback.fence_state');
    IF state OPERATOR(pg_catalog.&) 1 OPERATOR(pg_catalog.=) 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'read_only_sql_transaction',
            MESSAGE = pg_catalog.format(
                'cannot execute %s on %I.%I: Switchback keeps node %s read-only, for it is not the active site''s',
                TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_ARGV[0]),
            HINT = 'Write at the active site; the change arrives here by itself.';
    END IF;
    IF TG_LEVEL OPERATOR(pg_catalog.=) 'ROW' THEN
        IF TG_OP OPERATOR(pg_catalog.=) 'DELETE' THEN
            RETURN OLD;
        END IF;
        RETURN NEW;
    END IF;
    RETURN NULL;
END $fence$;
REVOKE ALL ON FUNCTION switchback.{function}() FROM PUBLIC;
