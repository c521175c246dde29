-- Has this node's stamps be no earlier than those of a batch.
-- Takes: {stage}, {micros}. Returns: nothing. Reads: the stage, the clock. Writes: floor, where a stamp is ahead of the clock.
SELECT switchback.raise_floor(max({micros})) FROM {stage}
