-- What others keep beside the trace, for the calls that long work makes.
ALTER TABLE operation_input
  ADD COLUMN tracestate VARCHAR(512) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '';
