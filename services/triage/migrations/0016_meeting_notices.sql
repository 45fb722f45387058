-- When an open item of a meeting is to be spoken of next (TRI-10). What stood open before is looked at
-- by the first run of the job.
ALTER TABLE work_meeting
  ADD COLUMN next_notice_date DATE NULL,
  ADD KEY work_meeting_notice (next_notice_date);

UPDATE work_meeting SET next_notice_date = meet_date WHERE open_items > 0;
