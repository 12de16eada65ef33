"""An evaluation in words, figures and tables."""
