"""What a run comes to: frozen trees, named as in the JSON contract."""
