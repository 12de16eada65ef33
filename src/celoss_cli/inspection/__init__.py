"""celoss inspect: what files hold, how that was decided, and what came second."""
