-- Who was a member of a team and when (TRI-2), hand-overs in batches (TRI-5), versions of demands (TRI-1), project
-- guides and what is pushed under them (TRI-4).
ALTER TABLE service_team
  ADD COLUMN successor VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  ADD COLUMN dissolve_time DATETIME(6) NULL;

CREATE TABLE team_membership (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  number BIGINT NOT NULL,
  person VARCHAR(40) NOT NULL,
  unit_title VARCHAR(120) NOT NULL,
  post VARCHAR(60) NOT NULL,
  start_time DATETIME(6) NULL,
  end_time DATETIME(6) NULL,
  current TINYINT NOT NULL,
  team_title VARCHAR(120) NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Members of before: since when they are was not written down, but that they were when the team was last changed.
INSERT INTO team_membership
  SELECT CONCAT(t.name, '/memberships/', m.number), m.number, COALESCE(m.person, ''), COALESCE(m.unit_title, ''),
         COALESCE(m.post, ''), t.update_time, NULL, 1, t.display_name, t.office, t.update_time, t.update_time, 1
  FROM service_team t,
       JSON_TABLE(t.members, '$[*]' COLUMNS (number FOR ORDINALITY, person VARCHAR(40) PATH '$.person',
                                             unit_title VARCHAR(120) PATH '$.unit_title',
                                             post VARCHAR(60) PATH '$.post')) m
  WHERE t.state = 'ACTIVE';

ALTER TABLE handover
  ADD COLUMN batch VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  ADD KEY handover_batch (batch, state);

CREATE TABLE demand_revision (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  content JSON NULL,
  changed_fields JSON NOT NULL,
  author VARCHAR(160) NOT NULL,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  demand_title VARCHAR(120) NOT NULL,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  collector VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY demand_revision_enterprise (enterprise)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE project_guide (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  title VARCHAR(160) NOT NULL,
  document_number VARCHAR(60) NOT NULL,
  programme VARCHAR(120) NOT NULL,
  department VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  triage_classes JSON NOT NULL,
  fields JSON NOT NULL,
  industries JSON NOT NULL,
  apply_start_date DATE NULL,
  apply_end_date DATE NULL,
  summary TEXT NOT NULL,
  link VARCHAR(400) NOT NULL,
  department_title VARCHAR(120) NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  withdraw_reason VARCHAR(1000) NOT NULL,
  publish_time DATETIME(6) NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY project_guide_state (state, apply_end_date),
  KEY project_guide_department (department)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

ALTER TABLE push
  ADD COLUMN guides JSON NOT NULL DEFAULT '[]',
  ADD COLUMN guide_titles JSON NOT NULL DEFAULT '[]',
  ADD COLUMN guide_note VARCHAR(1000) NOT NULL DEFAULT '';
