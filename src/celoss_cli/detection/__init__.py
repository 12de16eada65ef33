"""What the columns hold: assumed from the first rows, judged on all of them."""
