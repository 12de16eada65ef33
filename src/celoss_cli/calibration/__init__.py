"""celoss calibrate: a fix of the probabilities, fitted to validation rows and applied to others."""
