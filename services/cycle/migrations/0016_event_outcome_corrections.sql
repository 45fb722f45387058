-- What came of an event can be corrected and taken back, with a reason (CYC-7).
ALTER TABLE event_outcome
  ADD COLUMN withdraw_time DATETIME(6) NULL,
  ADD COLUMN reason VARCHAR(400) NOT NULL DEFAULT '';
