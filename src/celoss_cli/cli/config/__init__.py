"""Options from files and the environment."""
