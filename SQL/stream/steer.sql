-- Steers the planner for the rest of the transaction. It knows nothing of delta tables, which come and go; we know how
-- many keys there are: few are looked up one by one, many are joined with the whole table.
-- Takes: $1 on to look up one by one, off to join; $2 the opposite; $3 work_mem. Returns: one row. Reads and writes: nothing.
SELECT set_config('enable_nestloop', $1, true), set_config('enable_hashjoin', $2, true),
       set_config('enable_mergejoin', $2, true), set_config('enable_seqscan', $2, true), set_config('work_mem', $3, true)
