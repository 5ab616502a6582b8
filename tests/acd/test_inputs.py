"""Whatever can happen to the router is a value."""

import inspect
from typing import get_args

from acd.effects import Effect
from acd.inputs import Input
from acd.router import Router


def test_each_method_that_changes_something_has_its_input() -> None:
    """The others are views: they answer, and with no effects."""
    changing = {
        name
        for name, method in inspect.getmembers(Router, inspect.isfunction)
        if not name.startswith("_")
        and inspect.signature(method).return_annotation in (None, list[Effect])
    }

    assert changing == {kind.__struct_config__.tag for kind in get_args(Input)}
