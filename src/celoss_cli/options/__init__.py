"""Every option, declared once: what the command line, the configuration and the Python API are made from."""
