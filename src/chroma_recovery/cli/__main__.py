"""``python -m chroma_recovery.cli``."""

import sys

from . import main

sys.exit(main())
