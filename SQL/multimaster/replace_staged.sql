-- Takes the versions that are being settled out of the stage; what the table is to show is put in instead.
-- Takes: {stage}, {is_chosen} the condition on s. Returns: nothing. Reads: nothing. Writes: the stage.
DELETE FROM {stage} AS s WHERE {is_chosen}
