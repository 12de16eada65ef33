"""Files that have no distribution, but the truth's own score: a list of numbers a row, or one sum."""
