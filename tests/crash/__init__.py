"""The program dies wherever dying makes a difference; `python -m tests.crash` tries all points."""
