"""Tables that present another table."""
