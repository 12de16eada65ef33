"""Two models or more on the same rows: what is asked, what the sums come to, and the result."""
