"""Which tool wrote a table, and where it puts what: one row of data a tool."""
