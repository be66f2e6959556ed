"""Projects that people of several teams share, and the chats of teams and projects."""

from sim.core import draws
from sim.core.compiled import kernel, rule
from sim.core.parameters import Parameters
from sim.core.randomness import lognormal, uniform
from sim.engine.records import Table
from sim.engine.state import Whole, World

BRANCHES = 5  # teams whose managers report to the same manager
LARGEST_CHAT_LIST = 60  # largest number of project chats per person
NO_PROJECTS = 2.0  # chats of a person without a project: of the team, and of the firm, in which nobody writes


@rule
def join_projects(w: World, p: Parameters, f: int, projects: int, own: Whole, own_from: Whole, listed: int) -> int:
    """List the project chats of each person of a firm, in the order of seats."""
    first, size = w.firm[f].first, w.firm[f].people
    for i in range(first, first + size):
        own_from[i] = listed
        person = w.person[i]
        wanted = lognormal(p.groups_median, p.groups_sigma, person.key, draws.CHATS) - NO_PROJECTS
        wanted = min(max(wanted, 0.0), LARGEST_CHAT_LIST, i - first + 1)
        for n in range(int(wanted)):
            number = projects + int(uniform(person.key, draws.CHAT + n) * (i - first + 1))
            known = False
            for k in range(own_from[i], listed):
                known = known or own[k] == number
            if not known:
                own[listed] = number
                listed += 1
    own_from[first + size] = listed
    return listed


@rule
def join_lists(
    member: Whole, chat_from: Whole, own: Whole, own_from: Whole, first: int, size: int, projects: int, filled: int
) -> int:
    """Write the members of a firm's project chats, in the order of seats, from the lists of its people.

    Members are counted before they are written, so that the time is proportional to the length of the lists.
    """
    for number in range(projects, projects + size + 1):
        chat_from[number] = 0
    for k in range(own_from[first], own_from[first + size]):
        chat_from[own[k] + 1] += 1
    chat_from[projects] = filled
    for number in range(projects, projects + size):
        chat_from[number + 1] += chat_from[number]
    end = chat_from[projects + size]
    for i in range(first, first + size):
        for k in range(own_from[i], own_from[i + 1]):
            member[chat_from[own[k]]] = i
            chat_from[own[k]] += 1
    for number in range(projects + size, projects, -1):  # each start has moved on to the next one
        chat_from[number] = chat_from[number - 1]
    chat_from[projects] = filled
    return int(end)


@kernel
def found_chats(w: World, parameters: Table, member: Whole, chat_from: Whole, own: Whole, own_from: Whole) -> int:
    """Put people into chats: one per team, and project chats founded along with the seats. Returns the number of chats.

    ``member`` is filled chat by chat and ``own`` (project chats) person by person, with where each starts.
    """
    p = parameters[0]
    chat, filled, listed = 0, 0, 0
    for f in range(len(w.firm)):
        first, size = w.firm[f].first, w.firm[f].people
        w.firm[f].chat_first = chat
        for team in range(w.firm[f].teams):
            lead = w.team_row[w.firm[f].team_first + team]
            chat_from[chat] = filled
            w.person[lead].led_chat = chat if w.person[lead].led_size > 0 else -1
            w.person[lead].own_team_chat = (
                w.person[w.person[lead].manager].led_chat if team > 0 else w.person[lead].led_chat
            )
            for i in range(lead, lead + w.person[lead].led_size + 1):
                member[filled] = i
                filled += 1
                if i > lead:
                    w.person[i].own_team_chat = chat
                    w.person[i].led_chat = -1
            for below in range(BRANCHES * team + 1, min(BRANCHES * (team + 1) + 1, w.firm[f].teams)):
                member[filled] = w.team_row[w.firm[f].team_first + below]  # leaders are in their manager's chat
                filled += 1
            chat += 1
        listed = join_projects(w, p, f, chat, own, own_from, listed)
        filled = join_lists(member, chat_from, own, own_from, first, size, chat, filled)
        chat += size
        w.firm[f].chats = chat - w.firm[f].chat_first
    chat_from[chat] = filled
    return chat
