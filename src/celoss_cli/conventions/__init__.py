"""What is meant by the loss, here and in other libraries, as data."""
