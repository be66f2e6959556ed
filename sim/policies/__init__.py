"""Pieces of a policy, and what each of them makes the engine obey.

``lever`` says what all kinds share; ``closing`` (times without messages), ``means`` (what is offered instead),
``limits`` (of time and of messages) and ``oversight`` (who sees to it) hold one class a kind; ``kinds`` lists them.
``added`` takes in what users bring along in files of their own.
"""
