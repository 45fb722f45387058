-- Intents that are reminded of, taken back with a reason and known by names (REG-3); rosters with town
-- and size; follow-up of enterprises that are not paired; where projects stood on past days (PAIR-6).
ALTER TABLE intent
  ADD COLUMN organization_title VARCHAR(120) NOT NULL DEFAULT '',
  ADD COLUMN platform_title VARCHAR(120) NOT NULL DEFAULT '',
  ADD COLUMN withdraw_reason VARCHAR(400) NOT NULL DEFAULT '',
  ADD COLUMN withdraw_time DATETIME(6) NULL,
  ADD COLUMN reminded_days BIGINT NOT NULL DEFAULT 0,
  ADD KEY intent_platform (platform);

ALTER TABLE roster_entry
  ADD COLUMN town VARCHAR(60) NOT NULL DEFAULT '',
  ADD COLUMN size VARCHAR(20) NOT NULL DEFAULT '';

-- Coverage reads projects from this index alone; it begins as the one before it.
ALTER TABLE project
  ADD KEY project_standing (enterprise, state, platform),
  DROP KEY project_enterprise;

CREATE TABLE outreach (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise_title VARCHAR(120) NOT NULL,
  unified_social_credit_code VARCHAR(18) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  assignee VARCHAR(40) NOT NULL,
  next_action_date DATE NULL,
  contact_count BIGINT NOT NULL,
  last_contact_time DATETIME(6) NULL,
  last_method VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  last_result VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason_time DATETIME(6) NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  UNIQUE KEY outreach_enterprise (enterprise),
  KEY outreach_unit (unit, next_action_date)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE contact_attempt (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enterprise_title VARCHAR(120) NOT NULL,
  unified_social_credit_code VARCHAR(18) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  contact_time DATETIME(6) NULL,
  contact_person VARCHAR(40) NOT NULL,
  counterpart VARCHAR(60) NOT NULL,
  method VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  result VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason_effect VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  content TEXT NOT NULL,
  next_action_date DATE NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  void_reason VARCHAR(400) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY contact_attempt_enterprise (enterprise, contact_time),
  KEY contact_attempt_unit (unit, contact_time)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The roster with its follow-up, for the work list: a roster stays as it was imported, and what is
-- known of an enterprise outlives it.
CREATE SQL SECURITY INVOKER VIEW roster_outreach AS
  SELECT
    entry.name, entry.enterprise, entry.enterprise_title, entry.unified_social_credit_code,
    entry.unit, entry.unit_title, entry.zone, entry.town, entry.industry, entry.size,
    COALESCE(outreach.assignee, '') AS assignee,
    outreach.next_action_date,
    COALESCE(outreach.contact_count, 0) AS contact_count,
    outreach.last_contact_time,
    COALESCE(outreach.last_method, '') AS last_method,
    COALESCE(outreach.last_result, '') AS last_result,
    COALESCE(outreach.reason, '') AS reason,
    outreach.reason_time,
    entry.create_time, entry.update_time, entry.version
  FROM roster_entry AS entry
  LEFT JOIN outreach ON outreach.enterprise = entry.enterprise;

-- Days of each state of a project, from the journal: as it was recorded, and with the agreement
-- counting from its signing date. The days end before *_until.
CREATE TABLE project_span (
  project VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  position BIGINT NOT NULL,
  enterprise VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  platform VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  recorded_from DATE NOT NULL,
  recorded_until DATE NOT NULL,
  effective_from DATE NOT NULL,
  effective_until DATE NOT NULL,
  PRIMARY KEY (project, position),
  KEY project_span_standing (enterprise, state, effective_from, effective_until, platform)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
