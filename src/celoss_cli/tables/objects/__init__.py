"""Objects of the Python API: whatever library made them, as NumPy arrays or Arrow tables."""
