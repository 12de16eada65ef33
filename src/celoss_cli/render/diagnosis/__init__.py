"""A diagnosis in words, figures, tables and a picture."""
