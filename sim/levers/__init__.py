"""Levers: the pieces of a policy, and the rules that each of them sets for the engine.

``lever`` holds the base classes; ``restrictions`` (channels and hours), ``instruments`` (tools, money, example),
``limits`` (time, alerts, groups) and ``oversight`` (enforcement, monitoring) hold one class per kind; ``kinds`` lists
them; ``plugins`` registers kinds from users' files.
"""
