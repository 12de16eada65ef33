"""What a batch says: one table, one page with a section for each evaluation, one suite of tests a file."""
