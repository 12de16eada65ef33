"""Forms of file, whatever the result."""
