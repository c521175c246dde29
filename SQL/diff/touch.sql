-- Sends rows again: writes deltas for their keys, as if they had just been changed. The stream then carries their state.
-- Takes: {delta}, {keys}, {stage}. Returns: nothing. Reads: the stage. Writes: a delta table; wakes the engine.
INSERT INTO switchback.{delta} (txid, at, {keys})
SELECT DISTINCT pg_current_xact_id()::text::bigint, clock_timestamp(), {keys} FROM {stage};
NOTIFY switchback;
