-- Keeps the sums of a table's counters while applications write it: what a statement added goes to this node's sums, and what a
-- counter was before anybody counted is noted. Many rows are joined by statements that are planned each time.
-- Takes: {function}; for INSERT {present} capture/count_present; for UPDATE {base}, {difference}, {moved} capture/count_base,
-- count_difference and count_present, and the same of many rows as literals, {base_literal}, {difference_literal}, {moved_literal};
-- for DELETE {gone}, for TRUNCATE {emptied}, both capture/count_base; {settings}.
-- Returns: a trigger function, for AFTER STATEMENT triggers with transition tables, changed and before, and for BEFORE TRUNCATE.
-- Its plans go by the keys, for they are kept while the tables grow. Reads: changed, before, the table, the counters.
-- Writes: the counters.
CREATE OR REPLACE FUNCTION switchback.{function}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET enable_seqscan = off{settings}
AS $capture$
#variable_conflict use_column
BEGIN
    IF TG_OP OPERATOR(pg_catalog.=) 'INSERT' THEN
        {present};
    ELSIF TG_OP OPERATOR(pg_catalog.=) 'DELETE' THEN
        {gone};
    ELSIF TG_OP OPERATOR(pg_catalog.=) 'TRUNCATE' THEN
        {emptied};
    ELSIF (SELECT pg_catalog.count(*) FROM (SELECT FROM changed LIMIT 65) AS c) OPERATOR(pg_catalog.<) 65 THEN
        {base};
        {difference};
        {moved};
    ELSE
        EXECUTE {base_literal};
        EXECUTE {difference_literal};
        EXECUTE {moved_literal};
    END IF;
    RETURN NULL;
END $capture$;
REVOKE ALL ON FUNCTION switchback.{function}() FROM PUBLIC;
