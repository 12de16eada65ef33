"""The readings that the columns of a table allow, with what vouches for each and what speaks against it."""
