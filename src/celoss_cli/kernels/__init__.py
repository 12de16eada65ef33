"""Per-sample losses in pure NumPy. A kernel never reduces over rows, never does I/O, and works in nats and float64."""
