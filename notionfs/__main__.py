"""`python -m notionfs` is the command `notionfs`."""

import sys

from notionfs.cli.main import main

sys.exit(main())
