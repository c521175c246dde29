-- Whether the collections' totals are those of their items and files, as they are after every transaction.
-- Takes: nothing. Returns: true or false. Reads: collection, item, bitstream. Writes: nothing.
SELECT (SELECT sum(items) FROM collection) = (SELECT count(*) FROM item)
    AND (SELECT sum(bytes) FROM collection) = (SELECT sum(size_bytes) FROM bitstream)
