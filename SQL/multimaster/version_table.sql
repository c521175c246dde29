-- Makes the table of the versions of a replicated table's rows, in a multi-master sync: for rows that changed lately, which
-- master's transactions wrote what the table shows, and whole what it does not show: versions of which none had seen another.
-- A row that nothing is said of here shows what every master has seen. stored has its values in the text form of
-- their types, by the names of their columns, for nodes have these in orders of their own and add and drop some; it is null for the
-- version that is shown, and for one that deleted the row; as_of is this node's snapshot when the entry was made: a later delta is of a change that had seen
-- all the versions. context is what had been seen, of every node, by whoever had the versions before: one that is in it was
-- superseded, however late it arrives; it is the same in all entries of a row. applied is the transaction that
-- brought the entry, in a sync with links that in whose deltas it is handed on.
-- Takes: {versions} the name, {key_definitions} k1, k2, … of the key's own types, {keys} k1, k2, …, {comment}.
-- Returns: nothing. Reads: nothing. Writes: the catalogue.
CREATE TABLE IF NOT EXISTS switchback.{versions} (
    {key_definitions},
    origin text NOT NULL,
    txid bigint NOT NULL,
    at timestamptz NOT NULL,
    alive boolean NOT NULL,
    stored jsonb,
    context jsonb,
    as_of pg_snapshot NOT NULL,
    applied bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    PRIMARY KEY ({keys}, origin)
);
REVOKE ALL ON switchback.{versions} FROM PUBLIC;
COMMENT ON TABLE switchback.{versions} IS {comment};
