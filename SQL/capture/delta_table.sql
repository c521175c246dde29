-- Makes one of a replicated table's two delta tables. Transactions take turns: which of the two one writes to depends
-- on a bit of its number, so that the other falls quiet and can be emptied by TRUNCATE.
-- Takes: {delta} the name, {key_definitions} k1, k2, … in the key's own types. Returns: nothing.
-- Reads: nothing. Writes: the catalogue.
CREATE TABLE switchback.{delta} (
    txid bigint NOT NULL,
    at timestamptz NOT NULL,
    {key_definitions}
) WITH (autovacuum_enabled = off);
-- That its numbers ascend is all that the planner has to know.
ALTER TABLE switchback.{delta} ALTER COLUMN txid SET STATISTICS 10;
CREATE INDEX ON switchback.{delta} USING brin (txid) WITH (pages_per_range = 16);
COMMENT ON TABLE switchback.{delta} IS {comment};
