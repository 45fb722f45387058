-- What held of an instrument's opening before it was changed: past years are reckoned with the hours
-- of their time (REG-4).
ALTER TABLE instrument ADD COLUMN past_openings JSON NOT NULL DEFAULT '[]';
