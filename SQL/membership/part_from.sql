-- Counts on a node no more that has left the sync.
-- Takes: {sync}, {node} as literals. Returns: one row. Reads and writes: what declare_lost() does.
SELECT switchback.declare_lost({sync}, {node}, 'it has left the sync')
