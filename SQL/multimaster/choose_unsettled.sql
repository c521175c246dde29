-- Chooses some of the staged rows that are to be settled, with all their versions.
-- Takes: {stage}, {settled}, {key_columns}; {is_unsettled} the condition on s; {unsettled}, {chosen} the column's values; {rows_most}.
-- Returns: nothing. Reads and writes: the stage.
UPDATE {stage} AS s SET {settled} = {chosen}
 WHERE {is_unsettled}
   AND ({key_columns}) IN (SELECT {key_columns} FROM {stage} WHERE {settled} = {unsettled} GROUP BY {key_columns} LIMIT {rows_most})
