-- Chooses some of the staged rows that are to be settled, with all their versions.
-- Takes: {stage}, {settled}; {staged_keys} the key columns of s as k1, k2, …, {key_columns} these columns; {is_unsettled} the condition on s; {chosen} the
-- settled column's value; {same_key} between s and c; {rows_most}. Returns: nothing. Reads and writes: the stage.
UPDATE {stage} AS s SET {settled} = {chosen}
  FROM (SELECT {staged_keys} FROM {stage} AS s WHERE {is_unsettled} GROUP BY {key_columns} LIMIT {rows_most}) AS c
 WHERE {is_unsettled} AND {same_key}
