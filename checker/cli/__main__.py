"""`python -m checker.cli`: the command where `check` itself is not on the PATH."""

import sys

from checker.cli import main

sys.exit(main())
