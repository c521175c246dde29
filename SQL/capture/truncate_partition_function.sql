-- Captures the TRUNCATE of a partition: a delta for the rows it held, for the other partitions keep theirs.
-- Takes: {function}, {delta_a_literal}, {delta_b_literal}, {elements_literal} the key columns as k1, k2, …,
-- {aggregates_literal} arrays of them, {settings}. Returns: a trigger function, for BEFORE TRUNCATE triggers of the
-- partitions. Reads: the partition. Writes: one of the two delta tables; rings the doorbell.
CREATE OR REPLACE FUNCTION switchback.{function}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER{settings}
AS $capture$
DECLARE
    transaction_number pg_catalog.int8 := pg_catalog.pg_current_xact_id()::pg_catalog.text::pg_catalog.int8;
    delta pg_catalog.text := CASE
        WHEN (transaction_number OPERATOR(pg_catalog.>>) 13) OPERATOR(pg_catalog.&) 1 OPERATOR(pg_catalog.=) 0
        THEN {delta_a_literal} ELSE {delta_b_literal} END;
BEGIN
    EXECUTE pg_catalog.format(
        'INSERT INTO switchback.%I SELECT $1, $2, ''d'', pg_catalog.count(*), %s'
        ' FROM (SELECT %s, pg_catalog.row_number() OVER () OPERATOR(pg_catalog./) 100000 AS part FROM %I.%I AS t) AS c'
        ' GROUP BY part',
        delta, {aggregates_literal}, {elements_literal}, TG_TABLE_SCHEMA, TG_TABLE_NAME)
      USING transaction_number, pg_catalog.clock_timestamp();
    PERFORM switchback.ring();
    RETURN NULL;
END $capture$;
