-- Organizations that have become part of others (REG-1), and what that does to projects.
CREATE TABLE organization_succession (
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  -- Goes on itself, however many mergers lie between.
  successor VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  successor_title VARCHAR(120) NOT NULL,
  successor_unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  noted_time DATETIME(6) NOT NULL,
  KEY organization_succession_successor (successor, organization)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Platforms that are not of the organization in whose name they stand: taken over, or given to a part
-- of a split one.
CREATE TABLE platform_owner (
  platform VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- A pair has one open project that reports go to. Those that a merger put beside it are open as well,
-- and wait for somebody to settle which one goes on.
ALTER TABLE project
  ADD COLUMN former_enterprises JSON NOT NULL DEFAULT '[]',
  ADD COLUMN doubled_by VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  DROP KEY project_open_pair,
  DROP COLUMN open_pair,
  ADD COLUMN open_pair VARCHAR(511) CHARACTER SET ascii COLLATE ascii_bin
    AS (IF(state IN ('COMPLETED', 'TERMINATED') OR doubled_by <> '', NULL,
           CONCAT(platform, '+', enterprise))) STORED,
  ADD UNIQUE KEY project_open_pair (open_pair),
  ADD KEY project_doubled_by (doubled_by);
