-- Takes an epoch: the next one, above a number and above all that were taken here, that leaves a remainder. Two who ask at once
-- get different ones, for the second waits for the row and looks at it again.
-- Takes: $1 the number, $2 the remainder, $3 of how many. Returns: one row: the epoch. Reads and writes: epoch.
UPDATE switchback.epoch
   SET taken = greatest(taken, $1::bigint) + 1
             + ($2::bigint - (greatest(taken, $1::bigint) + 1) % $3::bigint + $3::bigint) % $3::bigint
RETURNING taken
