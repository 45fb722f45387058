-- Intents that are not shown while their organization is suspended, whom of a platform to tell, and what
-- was said of their expiry (REG-3, POL-2); terms of agreements that were reminded of (PAIR-3); what a third
-- party found of a base (PAIR-8); alarms that failed wait for their next attempt.
ALTER TABLE intent
  ADD COLUMN hold_reason VARCHAR(400) NOT NULL DEFAULT '',
  ADD COLUMN contacts JSON NOT NULL DEFAULT '[]',
  ADD COLUMN expiry_verdicts JSON NULL;

ALTER TABLE agreement
  ADD COLUMN reminded_days BIGINT NOT NULL DEFAULT 0,
  ADD KEY agreement_expire (expire_date);

ALTER TABLE co_built_base
  ADD COLUMN park VARCHAR(120) NOT NULL DEFAULT '',
  ADD COLUMN evaluator VARCHAR(120) NOT NULL DEFAULT '',
  ADD COLUMN evaluation_date DATE NULL,
  ADD COLUMN evaluation VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'UNSPECIFIED',
  ADD COLUMN recommended_as VARCHAR(120) NOT NULL DEFAULT '',
  ADD COLUMN recommend_date DATE NULL,
  ADD COLUMN talent_sharing TEXT NOT NULL DEFAULT '',
  ADD COLUMN shared_talents BIGINT NOT NULL DEFAULT 0;

ALTER TABLE alarm
  ADD COLUMN failures INT NOT NULL DEFAULT 0,
  ADD COLUMN ring_time DATETIME(6) NULL,
  DROP KEY alarm_due,
  ADD KEY alarm_due (ring_time);

UPDATE alarm SET ring_time = alarm_time;

ALTER TABLE alarm MODIFY COLUMN ring_time DATETIME(6) NOT NULL;
