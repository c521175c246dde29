-- The last epoch that was taken at this node. A node of a site gives each epoch once, and the sites' nodes have different
-- ones: so no two plans ever have the same.
CREATE TABLE switchback.epoch (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    taken bigint NOT NULL
);
INSERT INTO switchback.epoch (taken) VALUES (0);
