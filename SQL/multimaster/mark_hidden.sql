-- Notes that staged rows are not shown.
-- Takes: {stage}, {settled}, {hidden} its value; $1 their places. Returns: nothing. Reads: nothing. Writes: the stage.
UPDATE {stage} SET {settled} = {hidden} WHERE ctid = ANY ($1::tid[])
