-- Captures all rows that a partition holds, where no trigger tells of them one by one: the partition is truncated, or has
-- come to the table or gone from it with its rows.
-- Takes: {function}, {delta_a_literal}, {delta_b_literal}, {elements_literal} the key columns as k1, k2, …,
-- {aggregates_literal} arrays of them, {settings}. Returns: a function of the partition's oid and the operation.
-- Reads: the partition. Writes: one of the two delta tables; rings the doorbell.
CREATE OR REPLACE FUNCTION switchback.{function}(partition pg_catalog.oid, operation pg_catalog."char") RETURNS pg_catalog.void
LANGUAGE plpgsql{settings}
AS $capture$
DECLARE
    transaction_number pg_catalog.int8 := pg_catalog.pg_current_xact_id()::pg_catalog.text::pg_catalog.int8;
    delta pg_catalog.text := CASE
        WHEN (transaction_number OPERATOR(pg_catalog.>>) 13) OPERATOR(pg_catalog.&) 1 OPERATOR(pg_catalog.=) 0
        THEN {delta_a_literal} ELSE {delta_b_literal} END;
BEGIN
    EXECUTE pg_catalog.format(
        'INSERT INTO switchback.%I SELECT $1, $2, $3, pg_catalog.count(*), %s'
        ' FROM (SELECT %s, pg_catalog.row_number() OVER () OPERATOR(pg_catalog./) 100000 AS part FROM %s AS t) AS c'
        ' GROUP BY part',
        delta, {aggregates_literal}, {elements_literal}, partition::pg_catalog.regclass)
      USING transaction_number, pg_catalog.clock_timestamp(), operation;
    PERFORM switchback.ring();
END $capture$;
REVOKE ALL ON FUNCTION switchback.{function}(pg_catalog.oid, pg_catalog."char") FROM PUBLIC;
