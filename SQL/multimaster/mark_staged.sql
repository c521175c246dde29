-- Notes where staged rows stand: that they are not shown, or that they are after all.
-- Takes: {stage}, {settled} its column, {standing} the value; $1 their places. Returns: nothing. Reads: nothing. Writes: the stage.
UPDATE {stage} SET {settled} = {standing} WHERE ctid = ANY ($1::tid[])
