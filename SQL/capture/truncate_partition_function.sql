-- Captures the TRUNCATE of a partition: a delta for each row it held, for the other partitions keep theirs.
-- Takes: {function}, {delta_a}, {delta_b}, {keys} the key columns. Returns: a trigger function, for BEFORE TRUNCATE
-- triggers of the partitions. Reads: the partition. Writes: one of the two delta tables; rings the doorbell.
CREATE OR REPLACE FUNCTION switchback.{function}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
AS $capture$
DECLARE
    transaction_number pg_catalog.int8 := pg_catalog.pg_current_xact_id()::pg_catalog.text::pg_catalog.int8;
    delta pg_catalog.text := CASE
        WHEN (transaction_number OPERATOR(pg_catalog.>>) 13) OPERATOR(pg_catalog.&) 1 OPERATOR(pg_catalog.=) 0
        THEN {delta_a_literal} ELSE {delta_b_literal} END;
BEGIN
    EXECUTE pg_catalog.format('INSERT INTO switchback.%I SELECT $1, $2, %s FROM %I.%I',
                              delta, {keys_literal}, TG_TABLE_SCHEMA, TG_TABLE_NAME)
      USING transaction_number, pg_catalog.clock_timestamp();
    PERFORM switchback.ring();
    RETURN NULL;
END $capture$;
