from chroma_recovery.testing.fixtures import nuke_session, pytest_configure

__all__ = ["nuke_session", "pytest_configure"]
