"""The plain twin: the model once more, as ordinary Mesa agents in obvious Python, one minute after the other.

People, messages, tasks and firms are objects; inboxes are deques, chats are lists, sums are dictionaries; there are no
arrays and there is no compilation. The twin takes from the engine what is given before the first day (the drawn
population, the parameters, the rules in force on each date), and the names of columns and draws. Everything that then
happens is written again here, from the protocol (``docs/odd.md``), and must agree with the engine message for message.

``chance`` draws, ``rules`` the formulas of behaviour, ``things`` messages and tasks, ``person`` a person's turns,
``talking`` talk and meetings, ``writing``, ``reading`` and ``work`` what is done in them, ``post`` the way of a
message, ``night`` what a night and a morning change, ``firm`` the order of a day, ``world`` the Mesa model,
``agreement`` the comparison with the engine.
"""
