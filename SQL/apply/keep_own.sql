-- Keeps, of rows that are about to be taken out and put in again, the columns that do not travel.
-- Takes: {kept}, {columns} of t: the key and those columns; {target}, {stage}, {joins} from s to t. Returns: nothing.
-- Reads: the stage, the table. Writes: the temporary table.
INSERT INTO {kept} SELECT {columns} FROM {target} AS t JOIN {stage} AS s ON {joins}
