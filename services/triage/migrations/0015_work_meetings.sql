-- Records of work meetings and of what follows from them (S1 三(三)3).
CREATE TABLE work_meeting (
  name VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title VARCHAR(120) NOT NULL,
  meet_date DATE NULL,
  place VARCHAR(120) NOT NULL,
  participants JSON NOT NULL,
  attendees VARCHAR(1000) NOT NULL,
  decisions TEXT NOT NULL,
  items JSON NOT NULL,
  participant_titles JSON NOT NULL,
  item_owners JSON NOT NULL,
  open_items BIGINT NOT NULL,
  organizer VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  organizer_title VARCHAR(120) NOT NULL,
  office VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  version BIGINT NOT NULL,
  KEY work_meeting_date (meet_date)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
