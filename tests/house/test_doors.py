"""The doors of the rooms: every name that one promises, each in all of its lists."""

import importlib.util

import pytest

ROOMS = ("matrix_grammar", "matrix_emitters", "matrix_distributor")


@pytest.mark.parametrize("room", ROOMS)
def test_every_name_is_there_and_in_every_list(room):
    door = importlib.import_module(room)
    listed = [name.partition("=")[0] for names in door._FILES.values() for name in names.split()]
    assert sorted(listed) == sorted(door.__all__)
    assert all(getattr(door, name) is not None for name in door.__all__)


@pytest.mark.parametrize("room", ROOMS)
def test_no_name_is_that_of_a_file_which_would_stand_in_its_place_once_it_is_imported(room):
    door = importlib.import_module(room)
    for name in door.__all__:
        assert importlib.util.find_spec(f"{room}.{name}") is None, name
