"""`python -m posd.ctl` is posctl."""

from __future__ import annotations

import sys

from posd.ctl import main

sys.exit(main())
