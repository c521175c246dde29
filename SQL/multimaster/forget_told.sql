-- Forgets the versions of staged rows, before those that a batch leaves are told of.
-- Takes: {versions}, {stage}, {version_joins} from s to v, {which} the condition on s. Returns: nothing. Reads: the stage.
-- Writes: the versions.
DELETE FROM switchback.{versions} AS v USING {stage} AS s WHERE {version_joins} AND {which}
