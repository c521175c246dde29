-- Has this node's stamps be no earlier than those of a batch.
-- Takes: {stage}, {micros}. Returns: nothing. Reads: the stage. Writes: floor, where a stamp is later than what was seen before.
SELECT switchback.raise_floor(max({micros})) FROM {stage}
