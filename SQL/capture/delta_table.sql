-- Makes one of a replicated table's two delta tables. Transactions take turns: which of the two one writes to depends
-- on a bit of its number, so that the other falls quiet and can be emptied by TRUNCATE.
-- A delta holds the keys of many rows that one statement changed, in arrays side by side; op is i, u or d for what was
-- done to them.
-- Takes: {delta} the name, {order} between masters a column that tells which of several changes was the last, or nothing;
-- {key_definitions} k1, k2, … as arrays of the key's own types, {storage}, {comment}.
-- Returns: nothing. Reads: nothing. Writes: the catalogue.
CREATE TABLE switchback.{delta} (
    txid bigint NOT NULL,
    at timestamptz NOT NULL,
    op "char" NOT NULL,
    rows integer NOT NULL,{order}
    {key_definitions}
) WITH (autovacuum_enabled = off);
ALTER TABLE switchback.{delta} {storage};
CREATE INDEX ON switchback.{delta} (txid);
REVOKE ALL ON switchback.{delta} FROM PUBLIC;
COMMENT ON TABLE switchback.{delta} IS {comment};
