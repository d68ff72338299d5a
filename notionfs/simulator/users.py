"""Users and custom emojis: the people and things a workspace has beside its pages."""

from __future__ import annotations

from typing import Any

from notionfs.simulator.call import Call
from notionfs.simulator.cursors import Listing
from notionfs.simulator.errors import ApiError
from notionfs.simulator.shown import user_object


def users_me(call: Call) -> dict[str, Any]:
    """Answer with the bot that the token stands for."""
    records = call.world.workspace.records
    return user_object(call.world, records.users[records.bot_id])


def list_users(call: Call) -> dict[str, Any]:
    """List the members and bots of the workspace."""
    users = list(call.world.workspace.records.users.values())
    return call.listing("user", lambda: Listing(users), lambda user: user_object(call.world, user))


def get_user(call: Call) -> dict[str, Any]:
    """Answer with one user."""
    user_id = call.uuid()
    user = call.world.workspace.records.users.get(user_id)
    if user is None:
        raise ApiError(
            404,
            "object_not_found",
            f"Could not find user with ID: {user_id}. Make sure your integration has capabilities "
            "to read user information. With those capabilities, only members and guests in the "
            "integration's workspace are visible.",
            additional_data={"integration_id": call.world.workspace.records.bot_id},
        )
    return user_object(call.world, user)


def list_emojis(call: Call) -> dict[str, Any]:
    """List the custom emojis of the workspace, or the one with a given name."""
    name = call.argument("name")
    emojis = call.world.workspace.records.emojis
    found = [emoji for emoji in emojis if name is None or emoji["name"] == name]
    return call.listing("custom_emoji", lambda: Listing(found), dict)
