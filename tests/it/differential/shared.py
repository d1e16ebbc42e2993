"""What flows take along from another module, under names that mean something else in theirs."""

import json as paths
import math

LIMIT = 7
NAMES = ["seven", "eight", "nine"]
done = 3
items = [1, done]
id = 11


def call(x):
    return done + len(str(x)) + len(items)


def down(x, by=LIMIT):
    return math.ceil(x) + by


def double(x):
    return down(x) * 2 + len(paths.dumps(NAMES[:1])) - id
