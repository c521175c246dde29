-- Removes what was made for a table: trigger functions with their triggers, delta tables, records.
-- Takes: {id}. Returns: nothing. Reads: nothing. Writes: the catalogue, replicated_table, mark.
DROP FUNCTION IF EXISTS switchback.fence_{id}() CASCADE;
DROP FUNCTION IF EXISTS switchback.capture_{id}() CASCADE;
DROP FUNCTION IF EXISTS switchback.capture_{id}_update() CASCADE;
DROP FUNCTION IF EXISTS switchback.capture_{id}_count() CASCADE;
DROP FUNCTION IF EXISTS switchback.capture_{id}_key() CASCADE;
DROP FUNCTION IF EXISTS switchback.capture_{id}_mark() CASCADE;
DROP FUNCTION IF EXISTS switchback.capture_{id}_partition() CASCADE;
DROP FUNCTION IF EXISTS switchback.capture_{id}_rows(oid, "char");
DROP TABLE IF EXISTS switchback.delta_{id}_a, switchback.delta_{id}_b, switchback.version_{id},
    switchback.counter_{id};
DELETE FROM switchback.mark WHERE table_id = {id};
DELETE FROM switchback.replicated_table WHERE id = {id};
