"""The one decision maker. What decides is pure: time, identity and the bytes of slips are inputs. Only runner.py, and
what waits for it (callers.py, lookback.py, drawing.py), lives on the loop.
"""
