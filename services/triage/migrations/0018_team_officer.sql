-- The person of the department who answers for a team (TRI-2, S1 二(一)).
ALTER TABLE service_team
  ADD COLUMN officer VARCHAR(40) NOT NULL DEFAULT '';
