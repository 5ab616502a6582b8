"""Who serves whom: queues, agents, skills and the decision. Pure: no IO and no clock."""
