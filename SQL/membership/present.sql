-- Notes at a source that a receiver answers after all: an engine carries its stream.
-- Takes: $1 sync, $2 receiver. Returns: nothing. Reads: nothing. Writes: receiver, where there is news.
UPDATE switchback.receiver SET away_since = NULL WHERE sync = $1 AND receiver = $2 AND away_since IS NOT NULL
