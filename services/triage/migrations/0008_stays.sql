-- How long results stayed in a stage is counted from the index alone (TRI-6), within whatever rows the caller sees.
CREATE INDEX stage_entry_stay
  ON stage_entry (result, leave_time, enter_time, stage, university, department, agency, office, holder);
DROP INDEX stage_entry_result ON stage_entry;
