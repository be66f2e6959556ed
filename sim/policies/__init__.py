"""Levers: the pieces of a policy, and the rules that each of them sets for the engine.

``lever`` holds the base classes; ``closing`` (channels and hours), ``means`` (tools, money, example), ``limits`` (time,
alerts, groups) and ``oversight`` (enforcement, monitoring) hold one class per kind; ``kinds`` lists them; ``added``
registers kinds from users' files.
"""
