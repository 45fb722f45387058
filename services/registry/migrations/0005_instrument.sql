-- Shared instruments, their bookings and declared use (REG-4). Columns follow the messages of
-- proto/chanyan/registry/v1/instrument.proto; a start-up check compares them.
CREATE TABLE instrument (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  platform VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  asset_number VARCHAR(60) NOT NULL,
  display_name VARCHAR(120) NOT NULL,
  name_en VARCHAR(200) NOT NULL,
  maker VARCHAR(120) NOT NULL,
  model VARCHAR(120) NOT NULL,
  origin_country VARCHAR(60) NOT NULL,
  purchase_date DATE NULL,
  original_price JSON NULL,
  department VARCHAR(80) NOT NULL,
  room VARCHAR(80) NOT NULL,
  disciplines JSON NOT NULL,
  measured_variables JSON NOT NULL,
  access_conditions TEXT NOT NULL,
  booking_mode VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  hours JSON NOT NULL,
  closed_on_holidays TINYINT NOT NULL,
  charges JSON NOT NULL,
  closures JSON NOT NULL,
  terms JSON NULL,
  contact_person VARCHAR(40) NOT NULL,
  contact_phone VARCHAR(200) NOT NULL,
  contact_email VARCHAR(200) NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state_reason VARCHAR(400) NOT NULL,
  open_time DATETIME(6) NULL,
  suspend_time DATETIME(6) NULL,
  retire_time DATETIME(6) NULL,
  platform_published TINYINT NOT NULL,
  open_verdicts JSON NULL,
  demonstration TINYINT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  -- Within an organization an instrument is known by its number in the books.
  UNIQUE KEY instrument_asset (organization, asset_number),
  KEY instrument_platform (platform, name),
  KEY instrument_state (state, platform_published, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE booking (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  instrument VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  instrument_title VARCHAR(120) NOT NULL,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  requester VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  requester_title VARCHAR(120) NOT NULL,
  user_type VARCHAR(40) NOT NULL,
  start_time DATETIME(6) NOT NULL,
  end_time DATETIME(6) NOT NULL,
  purpose VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject VARCHAR(400) NOT NULL,
  expected_samples BIGINT NOT NULL,
  contact JSON NOT NULL,
  state VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  quote JSON NULL,
  verdicts JSON NULL,
  reason VARCHAR(400) NOT NULL,
  decide_time DATETIME(6) NULL,
  checkin_time DATETIME(6) NULL,
  used_minutes BIGINT NOT NULL,
  samples BIGINT NOT NULL,
  settlement JSON NULL,
  earlier_times JSON NOT NULL,
  remind_time DATETIME(6) NULL,
  demonstration TINYINT NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  -- What of one instrument ends after a given instant: few of many years' bookings.
  KEY booking_time (instrument, end_time, start_time),
  KEY booking_requester (requester, name),
  KEY booking_owner (organization, name),
  -- The clock's work.
  KEY booking_starting (state, start_time),
  KEY booking_ending (state, end_time)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row a subject (an instrument, a platform) that transactions touch which must see each other's
-- work: a check over several rows of it and the write that relies on it (services/registry/diary.h).
CREATE TABLE diary (
  subject VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  changes BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE use_record (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  instrument VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  organization VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  year BIGINT NOT NULL,
  teaching_hours DOUBLE NOT NULL,
  research_hours DOUBLE NOT NULL,
  service_hours DOUBLE NOT NULL,
  open_hours DOUBLE NOT NULL,
  samples BIGINT NOT NULL,
  trainees BIGINT NOT NULL,
  papers BIGINT NOT NULL,
  patents BIGINT NOT NULL,
  income JSON NULL,
  note VARCHAR(400) NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY use_record_year (year, instrument)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
