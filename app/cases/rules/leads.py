"""How many anonymous leads are heard from where; the figures are our own, no rule gives them.

Whoever has sent none is always heard: neither a neighbour behind the same address nor a flood from many addresses
closes the door for good. A neighbour lets it open a few minutes later, a flood takes the free leads beyond the first.
"""

from datetime import timedelta

FREE, FREE_IN_A_FLOOD = 5, 1
MOST_AN_HOUR = 200
HOUR = timedelta(hours=1)
UNIT = timedelta(minutes=1)
"""What waiting doubles from: 2, 4, 8 and then 15 minutes."""
HOTLINE = "12345"
"""The government service hotline of every place, answered by people day and night, which passes on what it hears.

Source: General Office of the State Council, Guiding Opinions on Further Optimising Local Government Service Hotlines,
Guobanfa [2020] No. 53, in force everywhere since the end of 2021.
"""


def free_leads(heard: int) -> int:
    """Return how many leads an address may give without waiting, where so many were heard within the hour."""
    return FREE if heard < MOST_AN_HOUR else FREE_IN_A_FLOOD
