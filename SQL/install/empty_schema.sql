-- Removes everything that is left of Switchback in a schema that an administrator made: the schema itself stays.
-- Takes: nothing. Returns: nothing. Reads: pg_class, pg_proc. Writes: the catalogue.
DO $$
DECLARE
    removal text;
BEGIN
    FOR removal IN
        SELECT format('DROP TABLE %s CASCADE', c.oid::regclass)
          FROM pg_class AS c WHERE c.relnamespace = 'switchback'::regnamespace AND c.relkind = 'r'
        UNION ALL
        SELECT format('DROP SEQUENCE %s CASCADE', c.oid::regclass)
          FROM pg_class AS c
         WHERE c.relnamespace = 'switchback'::regnamespace AND c.relkind = 'S'
           AND NOT EXISTS (SELECT FROM pg_depend AS d
                            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i'))
        UNION ALL
        SELECT format('DROP FUNCTION %s CASCADE', p.oid::regprocedure)
          FROM pg_proc AS p WHERE p.pronamespace = 'switchback'::regnamespace
    LOOP
        EXECUTE removal;
    END LOOP;
END $$
