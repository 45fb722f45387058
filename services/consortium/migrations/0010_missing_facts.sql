-- Facts that a check of a panel could not have (CON-4), and when a panel is looked at again for that
-- reason, or because one of its experts declared something new.
ALTER TABLE review_panel
  ADD COLUMN unchecked_count BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN missing_facts VARCHAR(1000) NOT NULL DEFAULT '';

ALTER TABLE panel_check
  ADD COLUMN again_time DATETIME(6) NULL;
