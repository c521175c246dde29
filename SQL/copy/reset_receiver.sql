-- Begins the source's knowledge of a receiver anew. Its batches are numbered on. Where a source is the only one, the receiver
-- needs nothing of the past. Among several it begins with what all sources have that receive from this one: whoever it is copied
-- from has that too, and what is later comes with its stamps, for others may not have seen it.
-- In a sync with links also with what the sources further away have seen.
-- Takes: $1 sync, $2 receiver, $3 a batch that the new ones come after, $4 the sources among the receivers, none where this is the
-- only one. Returns: the snapshot, the batch it counts as, the server's clock. Reads: receiver, what seen_by_all() reads. Writes: receiver.
INSERT INTO switchback.receiver (sync, receiver, acknowledged, batch)
VALUES ($1, $2,
        coalesce(switchback.seen_by_all($1, $2),
                 (SELECT switchback.common(array_agg(acknowledged)) FROM switchback.receiver
                   WHERE sync = $1 AND receiver = ANY ($4::text[]) AND receiver <> $2
                     AND pg_snapshot_xmax(acknowledged) <= pg_snapshot_xmax(pg_current_snapshot())),
                 pg_current_snapshot()),
        $3::bigint + 1)
ON CONFLICT (sync, receiver) DO UPDATE
   SET acknowledged = excluded.acknowledged, batch = greatest(receiver.batch + 1, excluded.batch),
       acknowledged_at = clock_timestamp(), away_since = NULL
RETURNING acknowledged::text, batch, clock_timestamp()::text
