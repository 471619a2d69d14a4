"""The one decision maker. Everything but runner.py is pure: time, identity and the bytes of slips are inputs."""
