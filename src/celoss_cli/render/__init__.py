"""Results as what people and machines read: every renderer is a pure function from a result to text."""
