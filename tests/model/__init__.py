"""Random work against a model of what the contract promises; `python -m tests.model` runs long."""
