"""JSON in its many forms."""
