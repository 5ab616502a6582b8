"""A user as the wire shows them: without anything that proves who they are."""

from cti_server.store.agents import Agent
from cti_server.wire.users import User


def user_view(agent: Agent, second_factor: bool) -> User:
    return User(
        id=agent.id,
        name=agent.name,
        number=agent.number,
        phone=agent.phone,
        skills=agent.skills,
        queues=agent.queues,
        region=agent.region,
        works=agent.works,
        auto_answer=agent.auto_answer,
        capacity=agent.capacity,
        roles=agent.roles,
        team=agent.team,
        enabled=agent.enabled,
        has_password=agent.password_hash is not None,
        password_is_temporary=agent.password_is_temporary,
        second_factor=second_factor,
        version=agent.version,
    )
