-- What captures which columns of which rows an UPDATE changed: a row a delta. A part of capture/update_function.
-- Takes: {delta}; {singles} arrays of one element, of the key columns of c; {joins} from c to b; {found} whether there is a b;
-- {numbers} the numbers of the columns that differ between b and c, or null; {moment}, {order}; the function's variables.
-- Returns: nothing. Reads: before, changed. Writes: the delta table.
INSERT INTO switchback.{delta}
SELECT transaction_number, {moment}, 'u', 1, {order}{singles},
       CASE WHEN {found} THEN pg_catalog.array_remove(ARRAY[{numbers}]::pg_catalog.int2[], NULL) END
  FROM changed AS c LEFT JOIN before AS b ON {joins};
