"""Replay: tries other rules on a shadow, which is a copy of the newsroom, and promotes them.

`replay` fills the shadow (`shadow_copy`), requeues its articles (`requeue`), brings them through
linking and publishing (`offline_pipeline`), and compares the state before and after (`diff`).
`promotion` requeues the articles of the newsroom itself.
"""
