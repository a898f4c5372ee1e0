"""The commands of operators as data: what drills and the guard run, and what runbooks print.

Each function returns the words of one command, program first; nothing is run here. `control` holds the options that say
which server is meant and where its control channel is; without them the program takes the server of the system.
"""

Command = tuple[str, ...]
