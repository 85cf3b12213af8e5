"""Everything between a host and plugin servers; it knows nothing of HTTP.

For a worker, start at `server` (PluginServer): `dispatch` says which member gets an event, `link` keeps the connection
to a member, `client` is that connection, `session`, `in_flight` and `calls` are its rules, `protocol` its bytes. What a
host brings is in `pdk_handler`. For a master, start at `supervisor` (Supervisor) and `spec` (ServerSpec).

Nothing is imported here: the launcher of every plugin server process begins in this package and needs none of it.
"""
