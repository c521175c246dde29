-- Marks a table as truncated, or, where it is carried by full copy, as changed; once in a transaction.
-- Takes: {function}, {table_id}, {kind}. Returns: a trigger function, for triggers of TRUNCATE, and for row triggers.
-- Reads and writes: mark; rings the doorbell.
CREATE OR REPLACE FUNCTION switchback.{function}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
AS $capture$
#variable_conflict use_variable
DECLARE
    transaction_number pg_catalog.int8 := pg_catalog.pg_current_xact_id()::pg_catalog.text::pg_catalog.int8;
BEGIN
    INSERT INTO switchback.mark (txid, at, table_id, kind)
    SELECT transaction_number, pg_catalog.clock_timestamp(), {table_id}, {kind}
     WHERE NOT EXISTS (
        SELECT FROM switchback.mark AS m
         WHERE m.txid OPERATOR(pg_catalog.=) transaction_number AND m.table_id OPERATOR(pg_catalog.=) {table_id});
    PERFORM switchback.ring();
    RETURN NULL;
END $capture$;
REVOKE ALL ON FUNCTION switchback.{function}() FROM PUBLIC;
