-- Who writes what he read of the registry locks one of these, who follows its journal all of them: the
-- former do not wait for each other.
CREATE TABLE registry_gate (
  slot INT NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL
) ENGINE = InnoDB;

INSERT INTO registry_gate (slot, seq) VALUES
  (0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 0),
  (8, 0), (9, 0), (10, 0), (11, 0), (12, 0), (13, 0), (14, 0), (15, 0);
