"""From the columns of a partition to its statistics: read, pair, look, score, add up."""
