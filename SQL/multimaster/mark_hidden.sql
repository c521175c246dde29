-- Notes that a staged row is not shown.
-- Takes: {stage}, {settled}, {hidden} its value; $1 the row's place. Returns: nothing. Reads: nothing. Writes: the stage.
UPDATE {stage} SET {settled} = {hidden} WHERE ctid = $1::tid
