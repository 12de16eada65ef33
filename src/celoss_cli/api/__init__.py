"""The Python API: the functions, and how their keywords are read."""
