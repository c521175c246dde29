-- Counts on a node no more: nothing is kept for it, and its streams to here stop.
-- Takes: $1 sync, $2 the node, $3 why. Returns: how many of its rows this node sends on in its place; null when it was declared
-- lost before. Reads and writes: what declare_lost() does.
SELECT switchback.declare_lost($1, $2, $3)
