-- Notes of the rows that came out of quarantine that the table shows them, where it shows one version and not what was made of several.
-- Takes: {versions}, {stage}, {version_joins} from s to v, {origin}, {txid}, {is_settled} the condition on s, {shown} the values of s as stored ones,
-- {counters} the columns that show sums. Returns: nothing. Reads:
-- the stage. Writes: the versions.
UPDATE switchback.{versions} AS v SET stored = NULL FROM {stage} AS s
 WHERE {version_joins} AND v.origin = s.{origin} AND v.txid = s.{txid} AND v.alive AND {is_settled}
   AND {shown} @> (v.stored - {counters}::text[])
