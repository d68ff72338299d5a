"""How fast it is, beside what could not be faster: `python -m tests.benchmarks --help`."""
