-- Notes of the rows that came out of quarantine that the table shows them.
-- Takes: {versions}, {stage}, {version_joins} from s to v, {origin}, {txid}, {is_settled} the condition on s. Returns: nothing. Reads:
-- the stage. Writes: the versions.
UPDATE switchback.{versions} AS v SET stored = NULL FROM {stage} AS s
 WHERE {version_joins} AND v.origin = s.{origin} AND v.txid = s.{txid} AND v.alive AND {is_settled}
