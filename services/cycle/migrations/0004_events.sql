-- Exchange events with those who take part and what came of it; the chain calendar and the task list
-- of the province (CYC-7).
ALTER TABLE event
  ADD COLUMN end_time DATETIME(6) NULL,
  ADD COLUMN sign_up_until DATETIME(6) NULL,
  ADD COLUMN capacity BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'PLANNED',
  ADD COLUMN reason VARCHAR(400) NOT NULL DEFAULT '',
  ADD COLUMN summary TEXT NOT NULL DEFAULT '';

CREATE TABLE event_participant (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  organization_title VARCHAR(120) NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  invited TINYINT NOT NULL,
  people_count BIGINT NOT NULL,
  note VARCHAR(400) NOT NULL,
  answer_time DATETIME(6) NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY event_participant_organization (organization, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE event_outcome (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title VARCHAR(120) NOT NULL,
  content TEXT NOT NULL,
  project VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  project_title VARCHAR(120) NOT NULL,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  university VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY event_outcome_project (project, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What the pack says of a campaign or task, and what became of it here.
CREATE TABLE chain_campaign (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  sequence BIGINT NOT NULL,
  chain VARCHAR(120) NOT NULL,
  sub_sectors JSON NOT NULL,
  offices VARCHAR(400) NOT NULL,
  planned_first_date DATE NULL,
  planned_last_date DATE NULL,
  first_date DATE NULL,
  last_date DATE NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  place VARCHAR(120) NOT NULL,
  summary TEXT NOT NULL,
  postponements JSON NOT NULL,
  clause JSON NULL,
  in_pack TINYINT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE action_task (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  sequence BIGINT NOT NULL,
  content TEXT NOT NULL,
  units JSON NOT NULL,
  offices VARCHAR(400) NOT NULL,
  due_date DATE NULL,
  due_basis VARCHAR(400) NOT NULL,
  own_due_date TINYINT NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  done_time DATETIME(6) NULL,
  reports JSON NOT NULL,
  clause JSON NULL,
  in_pack TINYINT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
