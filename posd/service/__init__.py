"""How posd lives as a service: readiness and watchdog, sockets handed over, journal fields, metrics.

Each file stands alone and works, or says that it has nothing to do, where there is no systemd. This room imports
nothing else of posd.
"""
