"""What holds of the whole house: lint, types, rooms, sizes, documents, packaging, units and rules. `make check` runs
these alone.
"""
