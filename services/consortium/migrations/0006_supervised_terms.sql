-- Who is barred, named with the term; the plan that parties confirm; notices that wait for findings; objections
-- that are reminded of and late; supplements that wait for the bureau.
ALTER TABLE consortium
  ADD COLUMN barred_parties JSON NOT NULL DEFAULT '[]',
  ADD COLUMN plan_digest VARCHAR(64) NOT NULL DEFAULT '',
  ADD COLUMN plan_confirmed_by JSON NOT NULL DEFAULT '[]';
-- Who signed before the plan was kept with the signature signed for the plan of that time.
UPDATE consortium SET plan_confirmed_by = signed_by;
ALTER TABLE signature
  ADD COLUMN plan_digest VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  DROP KEY signature_once,
  ADD UNIQUE KEY signature_once (consortium, organization, subject, digest, plan_digest);
ALTER TABLE supplement
  ADD COLUMN lead_standing TEXT NOT NULL DEFAULT '',
  ADD COLUMN awaiting_override TINYINT NOT NULL DEFAULT 0;
ALTER TABLE public_notice ADD COLUMN wait_time DATETIME(6) NULL;
ALTER TABLE notice_objection
  ADD COLUMN remind_time DATETIME(6) NULL,
  ADD COLUMN reminded TINYINT NOT NULL DEFAULT 0,
  ADD COLUMN overdue TINYINT NOT NULL DEFAULT 0,
  ADD KEY notice_objection_remind (state, reminded, remind_time),
  ADD KEY notice_objection_due (state, overdue, answer_due_time);
ALTER TABLE bar ADD KEY bar_consortium (consortium);
ALTER TABLE credit_entry ADD KEY credit_entry_consortium (consortium);
