-- Finds rows of a batch that an application wrote after they were looked up: such as were not there, and could not be locked.
-- Takes: {stage}; {changed} the query for the keys that this node changed since; {delta_joins} from s to d. Returns: how many.
-- Reads: the delta tables, the stage. Writes: nothing.
SELECT count(*) FROM ({changed}) AS d JOIN {stage} AS s ON {delta_joins}
