"""Projects that people of several teams share, and the chats of teams and projects."""

from sim import draws
from sim.columns import (
    P,
)
from sim.compiled import kernel, rule
from sim.engine.state import G, Reals, Whole, World
from sim.parameters import Q
from sim.randomness import lognormal, uniform

BRANCHES = 5  # teams whose managers report to the same manager
LARGEST_CHAT_LIST = 60


@rule
def join_projects(w: World, p: Reals, f: int, projects: int, own: Whole, own_from: Whole, listed: int) -> int:
    """List the project chats of each person of a firm, in the order of seats.

    Parameters
    ----------
    w : World
        All arrays; seats are filled.
    p : Reals
        Parameters.
    f : int
        Row of the firm.
    projects : int
        Number of the firm's first project chat; each seat founds one.
    own : Whole
        Filled: project chats of each person, person by person.
    own_from : Whole
        Filled: where each person starts, and the end.
    listed : int
        Entries of ``own`` so far.

    Returns
    -------
    int
        Entries of ``own`` now.
    """
    first, size = w.place[f, G.first], w.place[f, G.size]
    for i in range(first, first + size):
        own_from[i] = listed
        wanted = lognormal(p[Q.groups_median], p[Q.groups_sigma], w.seat_key[i], draws.CHATS) - 2.0
        wanted = min(max(wanted, 0.0), 1.0 * min(LARGEST_CHAT_LIST, i - first + 1))
        for n in range(int(wanted)):
            number = projects + int(uniform(w.seat_key[i], draws.CHAT + n) * (i - first + 1))
            known = False
            for k in range(own_from[i], listed):
                known = known or own[k] == number
            if not known:
                own[listed] = number
                listed += 1
    own_from[first + size] = listed
    return listed


@kernel
def found_chats(w: World, p: Reals, member: Whole, chat_from: Whole, own: Whole, own_from: Whole) -> int:
    """Put people into chats: one per team, one for the whole firm, and project chats founded along with the seats.

    Parameters
    ----------
    w : World
        All arrays; seats are filled.
    p : Reals
        Parameters.
    member : Whole
        Filled: rows of members, chat by chat.
    chat_from : Whole
        Filled: where each chat starts, and the end.
    own : Whole
        Filled: project chats of each person, person by person.
    own_from : Whole
        Filled: where each person starts, and the end.

    Returns
    -------
    int
        Number of chats.
    """
    chat, filled, listed = 0, 0, 0
    for f in range(len(w.place)):
        first, size = w.place[f, G.first], w.place[f, G.size]
        w.place[f, G.chat_first] = chat
        for team in range(w.place[f, G.teams]):
            lead = w.team_row[w.place[f, G.team_first] + team]
            chat_from[chat] = filled
            w.seat[lead, P.led_chat] = chat if w.seat[lead, P.led_size] > 0 else -1
            w.seat[lead, P.own_team_chat] = (
                w.seat[w.seat[lead, P.manager], P.led_chat] if team > 0 else w.seat[lead, P.led_chat]
            )
            for i in range(lead, lead + w.seat[lead, P.led_size] + 1):
                member[filled] = i
                filled += 1
                if i > lead:
                    w.seat[i, P.own_team_chat] = chat
                    w.seat[i, P.led_chat] = -1
            for below in range(BRANCHES * team + 1, min(BRANCHES * (team + 1) + 1, w.place[f, G.teams])):
                member[filled] = w.team_row[w.place[f, G.team_first] + below]  # leaders sit in their manager's chat
                filled += 1
            chat += 1
        chat_from[chat] = filled
        for i in range(first, first + size):
            member[filled] = i
            filled += 1
        chat += 1
        projects = chat
        listed = join_projects(w, p, f, projects, own, own_from, listed)
        for number in range(projects, projects + size):
            chat_from[number] = filled
            for i in range(first, first + size):
                for k in range(own_from[i], own_from[i + 1]):
                    if own[k] == number:
                        member[filled] = i
                        filled += 1
        chat = projects + size
        w.place[f, G.chats] = chat - w.place[f, G.chat_first]
    chat_from[chat] = filled
    return chat
