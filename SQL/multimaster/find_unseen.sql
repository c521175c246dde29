-- Finds, among staged rows, those of which this node holds a version that the sender had not seen, and those that come with
-- versions of others than the sender, or with what else had been seen: all that cannot simply be written.
-- Takes: {stage}; {settled} its column; {needs_settling} the condition on f; {unsettled} what it is set to; {same_key} between s and f; {changed} the query for the
-- keys that this node changed and the sender has not seen, or null; {delta_joins} from s to d; {versions}; {version_joins} from
-- s to v; {unseen} whether the sender has not seen v. Returns: nothing. Reads: the delta tables, the versions. Writes: the stage.
UPDATE {stage} AS s SET {settled} = {unsettled}
 WHERE EXISTS (SELECT FROM ({changed}) AS d WHERE {delta_joins})
    OR EXISTS (SELECT FROM switchback.{versions} AS v WHERE {version_joins} AND {unseen})
    OR EXISTS (SELECT FROM {stage} AS f WHERE {same_key} AND ({needs_settling}))
