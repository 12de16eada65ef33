"""Why the loss is what it is: calibration, decomposition, what would fix it, and rows that contradict their label."""
