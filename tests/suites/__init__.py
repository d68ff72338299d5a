"""Suites that other people made for file systems, run against a mount; see `run`."""
