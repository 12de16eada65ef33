"""What a history says: the runs with their intervals, the trend, where the level changed."""
