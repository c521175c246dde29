-- Lists the staged rows that are to be there and are not, the one that was written last first.
-- Takes: {stage}, {flag}, {origin}, {txid}, {micros}; {target}, {joins} from s to t. Returns: the row's place in the stage, its
-- origin, transaction and microseconds. Reads: the stage, the table. Writes: nothing.
SELECT s.ctid, s.{origin}, s.{txid}, s.{micros}
  FROM {stage} AS s
 WHERE s.{flag} AND NOT EXISTS (SELECT FROM {target} AS t WHERE {joins})
 ORDER BY s.{micros} DESC, s.{origin} COLLATE "C" DESC, s.{txid} DESC
