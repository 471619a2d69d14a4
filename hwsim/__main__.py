"""`python -m hwsim`: see `hwsim.cli`."""

from __future__ import annotations

import sys

from hwsim.cli import main

sys.exit(main())
