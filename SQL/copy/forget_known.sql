-- Forgets what a receiver knows of the versions of rows that it takes its source's word for.
-- Takes: {versions}; {known} the stage, {version_joins} from s to v. Returns: nothing. Reads: the stage. Writes: the versions.
DELETE FROM switchback.{versions} AS v USING {known} AS s WHERE {version_joins}
