"""Nuke runs this when its GUI starts: the menu and toolbar "Chroma Recovery"."""


def _chroma_recovery_menu() -> None:
    try:
        import sys

        if sys.version_info < (3, 10):  # noqa: UP036 - an old Nuke reads this too; init.py has said so
            return
        import nuke

        if not nuke.GUI:
            return
        from chroma_recovery.nuke_host import menu

        def farm(*places):  # type: ignore[no-untyped-def]
            from chroma_recovery.farm.sending import send

            return send(*places)

        menu.install(nuke, farm=farm)
    except Exception as error:
        print("chroma_recovery: no menu: " + type(error).__name__ + ": " + " ".join(str(error).split()))


_chroma_recovery_menu()
del _chroma_recovery_menu
