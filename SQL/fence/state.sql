-- Tells how the node's fence stands.
-- Takes: nothing. Returns: one row: whether it is closed, the epoch, why, since when; none where no fence is installed.
-- Reads: fence, fence_state. Writes: nothing.
SELECT pg_sequence_last_value('switchback.fence_state') & 1 = 1, pg_sequence_last_value('switchback.fence_state') >> 1,
       reason, since
  FROM switchback.fence
