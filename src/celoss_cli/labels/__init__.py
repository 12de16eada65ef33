"""Which class, or which numbers, the label of each row says."""
