"""Nuke runs this when its GUI starts: the menu and toolbar "Chroma Recovery"."""


def _chroma_recovery_menu():  # type: ignore[no-untyped-def]
    try:
        import sys

        if sys.version_info < (3, 10):
            return  # init.py has said so
        import nuke

        if not nuke.GUI:
            return
        from chroma_recovery.nuke_host import menu

        menu.install(nuke)
    except Exception as error:
        print("chroma_recovery: no menu: %s: %s" % (type(error).__name__, error))


_chroma_recovery_menu()
del _chroma_recovery_menu
