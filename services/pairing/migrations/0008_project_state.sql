-- Projects of a state that few have, such as those completed for the leaderboard, without reading
-- through all the others.
ALTER TABLE project ADD KEY project_state (state, name);
