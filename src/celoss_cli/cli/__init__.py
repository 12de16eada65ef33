"""The shell: one file per command. Options into a request, run, render, exit code; no arithmetic."""
