"""What the Python API has of its own: its keyword arguments, and what they make of a request."""
