-- Captures a TRUNCATE between masters: the deletion of every row that the table holds, for of rows that it did not hold, such
-- as one that another master inserts at the time, it says nothing. TRUNCATE removes rows that a snapshot of an earlier moment does not
-- show, and a transaction that keeps to such a one cannot tell of them: there it is refused.
-- Takes: {function}, {delta_a}, {delta_b}; {table}; {elements} the key columns of t as k1, k2, …; {aggregates} arrays of them;
-- {moment} and {order} as in capture/statement_write; {settings}. Returns: a trigger function, for BEFORE TRUNCATE triggers.
-- Raises 0A000. Reads: the table. Writes: one of the two delta tables; rings the doorbell.
CREATE OR REPLACE FUNCTION switchback.{function}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER{settings}
AS $capture$
#variable_conflict use_variable
DECLARE
    transaction_number CONSTANT pg_catalog.int8 := pg_catalog.pg_current_xact_id()::pg_catalog.text::pg_catalog.int8;
    has_rung pg_catalog.bool;
BEGIN
    IF pg_catalog.current_setting('transaction_isolation') OPERATOR(pg_catalog.=) ANY (ARRAY['repeatable read', 'serializable']) THEN
        RAISE EXCEPTION USING ERRCODE = 'feature_not_supported',
            MESSAGE = pg_catalog.format(
                'cannot execute TRUNCATE on %I.%I in a %s transaction: Switchback could not capture rows that were committed since it began',
                TG_TABLE_SCHEMA, TG_TABLE_NAME, pg_catalog.upper(pg_catalog.current_setting('transaction_isolation'))),
            HINT = 'Use a READ COMMITTED transaction, or DELETE.';
    END IF;
    IF (transaction_number OPERATOR(pg_catalog.>>) 13) OPERATOR(pg_catalog.&) 1 OPERATOR(pg_catalog.=) 0 THEN
        INSERT INTO switchback.{delta_a}
        SELECT transaction_number, {moment}, 'd', pg_catalog.count(*), {order}{aggregates}
          FROM (SELECT {elements}, pg_catalog.row_number() OVER () OPERATOR(pg_catalog./) 100000 AS part FROM {table} AS t) AS c
         GROUP BY part;
    ELSE
        INSERT INTO switchback.{delta_b}
        SELECT transaction_number, {moment}, 'd', pg_catalog.count(*), {order}{aggregates}
          FROM (SELECT {elements}, pg_catalog.row_number() OVER () OPERATOR(pg_catalog./) 100000 AS part FROM {table} AS t) AS c
         GROUP BY part;
    END IF;
    has_rung := switchback.ring();
    RETURN NULL;
END $capture$;
REVOKE ALL ON FUNCTION switchback.{function}() FROM PUBLIC;
