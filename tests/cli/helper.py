"""The program mount.notionfs, as an installation makes it."""

import sys

from notionfs.cli.mount_helper import main

sys.exit(main())
