"""celoss batch: many evaluations in one run, each with its own gate, shared out among threads."""
