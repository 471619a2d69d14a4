"""The tests: unit, property, crash, scenario, contract, peers, bench and box; `make test` runs all but the last two."""
