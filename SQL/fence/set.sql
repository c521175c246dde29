-- Closes or opens the node's fence.
-- Takes: $1 the epoch of whoever acts, $2 whether it is to be closed, $3 why. Returns: nothing. Raises SB004 when a later
-- epoch has been here, SB005 where no fence is installed. Reads and writes: fence, fence_state.
SELECT switchback.set_fence($1::bigint, $2::boolean, $3::text)
