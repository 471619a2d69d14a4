"""`python -m posd` is the daemon."""

from posd.daemon import main

raise SystemExit(main())
