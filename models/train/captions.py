"""What people may type for a scene: from its whole description down to a word or two."""
from __future__ import annotations

import random
from dataclasses import dataclass

from scenes import Scene

PLACES = {
    "meadow": ["in a green meadow", "in a meadow", "on the grass"],
    "snow": ["in the snow", "on a snowy field"],
    "desert": ["in the desert", "on the sand"],
    "sea": ["on the sea", "at sea", "on the water"],
}
BARE_PLACES = {
    "meadow": ["a green meadow", "a meadow", "grass"],
    "snow": ["snow", "a snowy field"],
    "desert": ["a desert", "the desert", "sand"],
    "sea": ["the sea", "the ocean", "water"],
}
TIMES = {
    "day": ["on a clear day", "on a sunny day", "under a blue sky"],
    "sunset": ["at sunset", "in the evening"],
    "night": ["at night"],
    "overcast": ["on a grey day", "on a cloudy day"],
}
PREFIXES = ["a picture of", "a drawing of", "a photo of", "a painting of"]
EMPTY = ["an empty landscape", "a landscape"]


@dataclass(frozen=True)
class Facts:
    """What a caption can tell of a scene."""

    things: tuple[str, ...]
    extras: tuple[str, ...]  # without repetition
    sky: str
    ground: str


def facts_of(scene: Scene) -> Facts:
    names = [thing.name for thing in scene.extras]
    extras = ["clouds" if name == "a cloud" else name for name in dict.fromkeys(names)]
    return Facts(tuple(thing.name for thing in scene.things), tuple(extras), scene.sky, scene.ground)


def _join(words: list[str] | tuple[str, ...]) -> str:
    return " and ".join(words)


def full_caption(facts: Facts) -> str:
    """Everything, in the plainest words: "a red house in a green meadow on a clear day with the sun and mountains"."""
    tail = f" with {_join(facts.extras)}" if facts.extras else ""
    return f"{_join(facts.things) or EMPTY[0]} {PLACES[facts.ground][0]} {TIMES[facts.sky][0]}{tail}"


def _style(text: str, rng: random.Random) -> str:
    if rng.random() < 0.15:
        for article in ("a ", "an ", "the "):
            text = text.removeprefix(article)
    elif rng.random() < 0.08:
        text = f"{rng.choice(PREFIXES)} {text}"
    if rng.random() < 0.15:
        text = text.replace(" on a ", ", ").replace(" in the ", ", ").replace(" at ", ", ") if rng.random() < 0.5 else text.replace(" and ", ", ")
    return text


def random_caption(facts: Facts, rng: random.Random) -> str:
    """A caption of the whole picture. It always names every thing, so that what is not named is not there."""
    place, time = rng.choice(PLACES[facts.ground]), rng.choice(TIMES[facts.sky])
    place = PLACES[facts.ground][0] if rng.random() < 0.5 else place
    time = TIMES[facts.sky][0] if rng.random() < 0.5 else time
    parts = [place if rng.random() < 0.8 else "", time if rng.random() < 0.7 else ""]
    if facts.things:
        order = list(facts.things)
        rng.shuffle(order)
        text = _join(order)
    elif parts[0] and rng.random() < 0.7:
        text, parts[0] = rng.choice(BARE_PLACES[facts.ground]), ""
    else:
        text = rng.choice(EMPTY)
    text = " ".join([text, *(part for part in parts if part)])
    if facts.extras and rng.random() < 0.6:
        text += f" with {_join(facts.extras)}"
    return _style(text, rng)


def fill_caption(facts: Facts, name: str | None, rng: random.Random) -> str:
    """A caption for a masked picture: mostly of the thing under the mask alone."""
    kind = rng.random()
    if name is None:
        return random_caption(facts, rng) if kind < 0.6 else _style(_background(facts, rng), rng)
    if kind < 0.65:
        return _style(name, rng)
    if kind < 0.85:
        return _style(f"{name} {_background_tail(facts, rng)}", rng)
    return random_caption(facts, rng)


def _background(facts: Facts, rng: random.Random) -> str:
    return f"{rng.choice(BARE_PLACES[facts.ground])} {rng.choice(TIMES[facts.sky])}" if rng.random() < 0.5 else rng.choice(BARE_PLACES[facts.ground])


def _background_tail(facts: Facts, rng: random.Random) -> str:
    place, time = rng.choice(PLACES[facts.ground]), rng.choice(TIMES[facts.sky])
    return rng.choice([place, time, f"{place} {time}"])
