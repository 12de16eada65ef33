"""celoss history: runs appended to a file, and what they say over time."""
