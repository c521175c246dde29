-- Removes the capture objects of a table whose key has changed, before they are made anew. What was captured under the
-- old key is not lost: the table is marked to travel whole.
-- Takes: {id}. Returns: nothing. Reads: nothing. Writes: the catalogue, mark.
DROP FUNCTION IF EXISTS switchback.capture_{id}() CASCADE;
DROP FUNCTION IF EXISTS switchback.capture_{id}_update() CASCADE;
DROP FUNCTION IF EXISTS switchback.capture_{id}_count() CASCADE;
DROP FUNCTION IF EXISTS switchback.capture_{id}_key() CASCADE;
DROP FUNCTION IF EXISTS switchback.capture_{id}_mark() CASCADE;
DROP FUNCTION IF EXISTS switchback.capture_{id}_partition() CASCADE;
DROP FUNCTION IF EXISTS switchback.capture_{id}_rows(oid, "char");
DROP TABLE IF EXISTS switchback.delta_{id}_a, switchback.delta_{id}_b, switchback.version_{id},
    switchback.counter_{id};
INSERT INTO switchback.mark (txid, at, table_id, kind)
VALUES (pg_current_xact_id()::text::bigint, clock_timestamp(), {id}, 'whole');
