"""The numbers of all random draws: which decision a number means, by the kind of thing whose key it is used with.

No two decisions about one thing share a number. ``..._KEY`` numbers give the keys of things that belong to it
(``child``).
"""

# a person (traits, drawn once)
WORKLOAD, ACTIVITY, SEGMENTATION, MUTED, VOICE, TRAIT_EXHAUSTION, TRAIT_ANXIETY, PARTNER = range(8)
CHATS, ROLE, TENURE, BELIEF, START_EXHAUSTION, START_CYNICISM, BY_SYSTEM, SHIFT = range(8, 16)
FROM_POOL, ANSWERS_IDLE = 16, 17
PART_TIME = 19
TIE = 20  # + number of the contact
OPTS_OUT = 90
LEAVE = 30  # + year
CHAT = 100  # + number of the chat
OBEDIENCE, MARGIN = 200_000, 300_000  # + week
NEXT_PERSON_KEY = 1
SETTLING_KEY = 2  # the same person or firm while the world settles
DAY_KEY = 1_000  # + day

# a person's day
ABSENT, ARRIVE, BED, SESSION, SESSION_TAKEN, EXIT, COMPLAIN, VISITS = range(8)
BREAK = 15
ARRIVAL = 16  # + number of the candidate task
MOMENT, TAKE, SEND, WHAT, TO_WHOM, TO_CHAT = 100, 300, 500, 700, 900, 1_100  # + number of the ten-minute block
ROUND = 1_300  # + number of the round of kept-back alerts
ATTENDS, CATCHES_UP = 1_400, 1_420  # + number of the meeting
OUTSIDER = 10_000  # + number of the message from outside
TASK_KEY = 16  # + number of the candidate task
MESSAGE_KEY = 1_000  # + number of the ten-minute block
LOOK_KEY = 3_000  # + number of the ten-minute block
ROUND_KEY = 3_200  # + number of the round of kept-back alerts
OUTSIDER_KEY = 10_000  # + number of the message from outside

# a task
SIZE = 0
HAS_QUESTION = 1  # + number of the question
FAULT, VERDICT = 10, 20  # + attempt
ANNOUNCE = 30
SEARCH, WAIT, REASK, WHOM, WHOM_EXACTLY = 40, 60, 100, 120, 140  # + number of the question
FOUND = 160  # + number of the question
DUE, HANDED, HAND_TEAM, HAND_WHOM = 180, 181, 182, 183
QUESTION_KEY, EXCEPTION_KEY, ANNOUNCE_KEY = 200, 300, 400
HANDED_KEY = 500

# a message
READING, BY_CHANNEL, EVADES, SWITCHES, HELD, NUDGED, WRITING = range(7)
URGENT, WORK, CONFIRMS, LOGGED, SUBSTITUTE, ORDERS, SCHEDULED = range(7, 14)
SPOKEN, BY_PHONE, TALK_LENGTH, IN_MEETING, CALL_WAITS = range(20, 25)
AGAIN = 500  # + number of the try
SPARES, IN_THE_MORNING = 40, 41
LAPSES, WANTED, CHASES = 30, 31, 32

OUTSIDER_PRIVATE, OUTSIDER_MAIL, OUTSIDER_MOVES = range(60, 63)

# a question, which is a message; a referred one also has the numbers of a task's first question
KNOWS = 50
REASK_KEY, REFERRED_KEY = 100, 101

# a message and a person
NOTICE, REPLY, AT_ONCE, PUT_OFF, RESUME, DISPLACE, ACT, REACT, DO_NOW, REENTRY, COUNTS = range(11)
HEARD = 20  # + number of the try
ANSWER_KEY, ASSIGNED_KEY, TOLD_LATER_KEY = 1, 2, 3

# a look at messages; its lag is drawn like that after a message
LOOK_ALL, LOOK_AWAITED, ROUND_INTERRUPTS = 20, 21, 22

# a firm
CITY, INDUSTRY, FIRM_SIZE, CULTURE, OPENING, PAYS, ARCHIVE, ADOPTION, UNION = range(9)
SPAN = 1_000  # + number of the team
MANAGERS_KEY = 0
TEAM_KEY = 1_000  # + number of the team
PERSON_KEY = 10_000_000  # + seat
INSPECTION = 100_000  # + week
UNION_COMPLAINS = 200_000  # + week
SITE = 300_000  # + number of the team

# the meetings of a team, or of a firm's managers
STANDS, STANDS_AT, STANDS_FOR = 0, 10, 20  # + number of the weekday
MEETING_DAY_KEY = 1_000  # + day

# a day of these meetings
TAKES_PLACE, STARTS, LASTS = 0, 10, 20  # + number of the meeting called

# the economy
REPLICATE_KEY = 1_000  # + replicate
SURVEY_KEY = 500_000  # all draws of surveys and of pilots belong to it: `sim/pilots/survey.py`, `sim/pilots/pilot.py`
FIRM_KEY = 1_000_000  # + firm
