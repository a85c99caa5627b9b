"""Inside a live Nuke: menu, toolbar, session, and driving a Nuke from outside.

The only package that imports ``nuke`` (and Qt). Nothing is imported here, so that Nuke starts quickly: ``menu`` loads
when Nuke starts, everything else at the first command.
"""
