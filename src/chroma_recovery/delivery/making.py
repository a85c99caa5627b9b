"""Makes a delivery: checks first, then copies, then writes the manifest; its manifest is the sign that it is whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path

import attrs

from ..build import Scripts
from ..errors import PathError, Problem
from ..paths import posix
from .bag import ALGORITHM, PAYLOAD, validate_bag, write_bag
from .contents import SHOT, Parts
from .copying import JOURNAL, Copied, Item, copy_all, problems_of
from .film import Delivery, film_provenance, film_readme
from .hashes import FORMATS, hashers
from .mhl import Author, write_history
from .names import wrong_name
from .parts import collect
from .telling import documentation, provenance, readme

__all__ = ["Delivered", "Film", "Product", "deliver"]


@attrs.frozen
class Product:
    """One preset's share of a delivery. below: its folder in the delivery, empty for the delivery itself. needed: parts
    whose lack is named, see :mod:`.contents`."""

    scripts: Scripts
    below: str = ""
    needed: Collection[str] = SHOT

    @property
    def name(self) -> str:
        return self.scripts.loaded.preset.shot

    def target(self, name: str) -> str:
        return f"{self.below}/{name}" if self.below else name


@attrs.frozen
class Film:
    """A project delivered as one. name: of the project. products: its shots and groups. items: what belongs to all of
    them, such as the project preset and the project report."""

    name: str
    products: tuple[Product, ...]
    items: tuple[Item, ...] = ()


@attrs.frozen
class Delivered:
    """A finished delivery. folder: what was made. manifest: its ASC MHL. warnings: what was let pass."""

    folder: Path
    manifest: Path
    files: int
    size: int
    warnings: tuple[Problem, ...]


def deliver(
    what: Scripts | Film,
    project: Path,
    to: Path,
    *,
    hash_name: str = FORMATS[0],
    bag: bool = False,
    partial: bool = False,
    progress: Callable[[int, int, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Delivered:
    """Collect what a preset made in ``project``, or what all presets of a film did, into the new folder ``to``.

    bag: a BagIt bag, the delivery below ``to/data``. partial: deliver although parts are missing or disagree; both are
    written into the README. Raises PathError with everything that is wrong before anything is written: CR650 missing
    parts, CR651 frames that were made otherwise, CR653 names; then as :func:`copying.copy_all`.
    """
    film = what if isinstance(what, Film) else None
    job = _Making(film, film.products if film else (Product(what),), project, to, hash_name, bag, partial)  # type: ignore[arg-type]
    try:
        return job.go(progress, cancel)
    except PathError:
        raise
    except OSError as error:  # a file went, or its rights, since it was seen
        place = posix(error.filename) if isinstance(error.filename, str) else posix(to)
        raise PathError.at(
            "CR606", place, f"cannot be read: {error.strerror or error}", "run again"
        ) from error


@attrs.frozen
class _Making:
    film: Film | None
    products: Sequence[Product]
    project: Path
    to: Path
    hash_name: str
    bag: bool
    partial: bool

    def go(
        self, progress: Callable[[int, int, str], None] | None, cancel: Callable[[], bool] | None
    ) -> Delivered:
        found = [(p, collect(p.scripts, self.project, p.needed)) for p in self.products]
        gaps = {p.below: self._gaps(p, parts) for p, parts in found}
        self._refuse(found, gaps)
        formats = (self.hash_name, ALGORITHM) if self.bag else (self.hash_name,)
        hashers(formats)  # a missing library is named before the work
        if self.bag:
            _need_bagit(self.to)
        root = self.to / PAYLOAD if self.bag else self.to
        now = datetime.now(timezone.utc)
        items = [i for p, parts in found for i in self._placed(p, parts)]
        items += self.film.items if self.film else ()
        made = copy_all(items, root, formats, journal_in=self.to, progress=progress, cancel=cancel)
        told = [t for p, parts in found for t in self._told(p, parts, made, gaps[p.below], now)]
        if self.film:
            told += self._told_of_film(self.film, found, gaps, now)
        made += copy_all([Item(n, text.encode()) for n, text in told], root, formats, journal_in=self.to)
        manifest = self._manifest(root, made, now)
        (self.to / JOURNAL).unlink()
        warnings = [d for p, parts in found for d in self._named(p, parts.doubts)]
        warnings += [attrs.evolve(g, severity="warning") for some in gaps.values() for g in some]
        return Delivered(self.to, manifest, len(made), sum(m.size for m in made), tuple(warnings))

    # -- before anything is written

    def _named(self, product: Product, problems: Iterable[Problem]) -> list[Problem]:
        """Problems of a film say whose they are."""
        if self.film is None:
            return list(problems)
        return [attrs.evolve(p, message=f"{product.name}: {p.message}") for p in problems]

    def _gaps(self, product: Product, parts: Parts) -> list[Problem]:
        return self._named(product, [*parts.missing, *(p for p in parts.wrong if p.code == "CR651")])

    def _placed(self, product: Product, parts: Parts) -> list[Item]:
        return [attrs.evolve(i, target=product.target(i.target)) for i in parts.items]

    def _refuse(self, found: Sequence[tuple[Product, Parts]], gaps: Mapping[str, list[Problem]]) -> None:
        fatal = [
            x for p, parts in found for x in self._named(p, (w for w in parts.wrong if w.code != "CR651"))
        ]
        fatal += [] if self.partial else [g for some in gaps.values() for g in some]
        items = [i for p, parts in found for i in self._placed(p, parts)]
        if self.film:
            fatal += problems_of([*items, *self.film.items])
            fatal += [trouble for i in self.film.items if (trouble := wrong_name(i.target))]
        if self.bag:
            fatal += [_percent(item.target) for item in items if "%" in item.target]
        inside, outer = self.project.resolve(), self.to.resolve()
        if outer == inside or outer in inside.parents:
            what = "holds the project itself"
            fatal.append(Problem("CR653", posix(self.to), what, "choose a folder of its own"))
        for folder in {p.scripts.loaded.preset.output.folder for p in self.products}:
            pipeline = (self.project / folder).resolve()
            if outer == pipeline or pipeline in outer.parents:
                what = "lies in the folder that is delivered"
                fatal.append(Problem("CR653", posix(self.to), what, "choose a folder of its own"))
        if fatal:
            hint = "; --partial delivers what is there and says what is not" if not self.partial else ""
            raise PathError([attrs.evolve(p, hint=p.hint + hint) if p.code == "CR650" else p for p in fatal])

    # -- what is written beside the copies

    def _told(
        self, product: Product, parts: Parts, made: Sequence[Copied], gaps: Sequence[Problem], now: datetime
    ) -> list[tuple[str, str]]:
        scripts = product.scripts
        start = product.target("")
        own = [attrs.evolve(m, target=m.target[len(start) :]) for m in made if m.target.startswith(start)]
        if not product.below:
            own = list(made)
        facts = provenance(scripts, parts, own, now=now, hash_name=self.hash_name, gaps=gaps)
        words = readme(
            scripts, parts, now=now, hash_name=self.hash_name, bag=self.bag, gaps=gaps, within=product.below
        )
        return [
            (product.target("DOCUMENTATION.txt"), documentation(scripts, gaps)),
            (product.target("provenance.json"), facts),
            (product.target("README.txt"), words),
        ]

    def _told_of_film(
        self,
        film: Film,
        found: Sequence[tuple[Product, Parts]],
        gaps: Mapping[str, list[Problem]],
        now: datetime,
    ) -> list[tuple[str, str]]:
        shots = [Delivery(p.name, p.below, p.scripts, parts, gaps[p.below]) for p, parts in found]
        return [
            ("provenance.json", film_provenance(film.name, shots, now=now, hash_name=self.hash_name)),
            ("README.txt", film_readme(film.name, shots, now=now, hash_name=self.hash_name, bag=self.bag)),
        ]

    def _manifest(self, root: Path, made: Sequence[Copied], now: datetime) -> Path:
        d = self.products[0].scripts.loaded.preset.documentation
        title = self.film.name if self.film else self.products[0].name
        names = ((d.restorationist, "restorationist"), (d.institution, "institution"))
        authors = [Author(" ".join(name.split())[:200], role) for name, role in names if name.strip()]
        comment = f"Recovered colour of {title}; see README.txt"
        manifest = write_history(root, made, self.hash_name, now=now, authors=authors, comment=comment)
        if self.bag:
            facts = {
                "Source-Organization": d.institution,
                "External-Identifier": title,
                "Bag-Software-Agent": "chroma-recovery",
            }
            write_bag(self.to, made, facts, today=now.date())
            wrong = validate_bag(self.to, whole=False)
            if wrong:
                raise PathError(
                    [Problem("CR652", posix(self.to), f"the bag is not valid: {w}") for w in wrong]
                )
        return manifest


def _percent(target: str) -> Problem:
    """RFC 8493 encodes the sign, the Library of Congress' library does not decode it."""
    return Problem("CR653", target, "holds %, which BagIt tools do not agree on", "rename the file")


def _need_bagit(to: Path) -> None:
    from importlib.util import find_spec

    if find_spec("bagit") is None:
        hint = "pip install 'chroma-recovery[delivery]'"
        raise PathError.at("CR658", posix(to), "BagIt needs the library bagit", hint)
