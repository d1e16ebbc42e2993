"""Decorators that say what a function is, and do nothing else."""


def flow(function):
    return function


def unfold(function):
    return function
