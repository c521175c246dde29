-- Notes at a source which receivers answer and which do not.
-- Takes: $1 nodes that do not answer, $2 nodes that do. Returns: sync, receiver, for how many seconds it has been away; of those that
-- do not answer. Reads: the clock. Writes: receiver, where there is news.
WITH noted AS (
    UPDATE switchback.receiver
       SET away_since = CASE WHEN receiver = ANY ($1::text[]) THEN clock_timestamp() END
     WHERE (receiver = ANY ($1::text[]) AND away_since IS NULL) OR (receiver = ANY ($2::text[]) AND away_since IS NOT NULL)
)
SELECT sync, receiver, extract(epoch FROM clock_timestamp() - coalesce(away_since, clock_timestamp()))
  FROM switchback.receiver WHERE receiver = ANY ($1::text[])
