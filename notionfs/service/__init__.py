"""What a running mount answers to commands: one module for each subject, one table of them all.

`control.py` carries requests and answers; this room knows what they mean.
"""
