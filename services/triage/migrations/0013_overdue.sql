-- Terms whose passing was journalled (TRI-4, TRI-10), and who was above whom it waited for; found by the index alone.
ALTER TABLE push
  ADD COLUMN overdue_noted DATETIME(6) NULL,
  ADD COLUMN overseer VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  DROP KEY push_due,
  ADD KEY push_due (state, due_time, overdue_noted);

ALTER TABLE escalation
  ADD COLUMN overdue_noted DATETIME(6) NULL,
  ADD COLUMN overseer VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  DROP KEY escalation_state,
  ADD KEY escalation_state (state, due_time, overdue_noted);

ALTER TABLE escalation_task
  ADD COLUMN overdue_noted DATE NULL,
  DROP KEY escalation_task_due,
  ADD KEY escalation_task_due (state, due_date, overdue_noted);
