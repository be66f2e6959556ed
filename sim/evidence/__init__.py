"""What the model is held against: ``targets`` of surveys, and message logs, read by ``logfile``.

``traffic`` says what a log shows, of real people or simulated ones.
"""
