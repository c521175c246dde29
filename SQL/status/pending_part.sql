-- The rows of one delta table in a window; of a large one a sample, in which each stands for several.
-- Takes: {delta}, {sample} a TABLESAMPLE clause or nothing, {weight}, {window}, {visible} a further condition or nothing.
-- Returns: moments and weights. Reads: the delta table. Writes: nothing.
SELECT at, rows * {weight}::float8 AS weight FROM {delta}{sample} WHERE {window}{visible} UNION ALL 
