"""Measurements of posd beside its peers, in one run, as ratios. `make bench`; never part of `make test`."""
