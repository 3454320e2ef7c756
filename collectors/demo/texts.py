"""Texts in the three networks' manners, put together from the phrases in `topics.py`. Pure; chance comes from outside."""

from __future__ import annotations

from random import Random

from collectors.demo.topics import CAPTIONS, CLOSINGS, HOOKS, MARKS, POINTS, Topic


def post(rng: Random, topic: Topic) -> str:
    """A LinkedIn post of 400 to 1,600 characters."""
    mark = rng.choice(MARKS)
    points = [f"{mark} {_filled(rng, text, topic)}" for text in rng.sample(POINTS, rng.randint(4, 11))]
    hole = "\n\n[Your Company Name] is hiring, by the way." if rng.random() < 0.02 else ""
    parts = [
        _hook(rng, topic),
        f"**{topic.title}**",
        "\n".join(points),
        rng.choice(CLOSINGS) + hole,
        _hashtags(rng, topic, 5),
    ]
    return "\n\n".join(parts)


def thread(rng: Random, topic: Topic) -> list[str]:
    """Three tweets; now and then one is too long."""
    last = 3
    middle = rng.sample(POINTS, last)
    tweets = [f"1/{last} {_hook(rng, topic)} {_filled(rng, middle[0], topic)}"]
    tweets.append(f"2/{last} {_filled(rng, middle[1], topic)} {_filled(rng, middle[2], topic)}")
    tweets.append(f"{last}/{last} {rng.choice(CLOSINGS)} {_hashtags(rng, topic, 2)}")
    if rng.random() < 0.04:
        tweets[1] += " " + " ".join(_filled(rng, text, topic) for text in rng.sample(POINTS, 3))
    return tweets


def caption(rng: Random, topic: Topic) -> str:
    """An Instagram caption."""
    subject = topic.subject[0].upper() + topic.subject[1:]
    return f"{rng.choice(CAPTIONS).format(subject=subject)}\n\n{_filled(rng, rng.choice(POINTS), topic)}\n\n{_hashtags(rng, topic, 6)}"


def failure(topic: Topic, details: str) -> str:
    """What the observed system stores when a call failed."""
    prompt = f"\n        Draft a professional post for a business audience. Topic: {topic.title}\n        "
    return f"Error: Could not generate content for prompt: {prompt}. Details: {details}"


def _hook(rng: Random, topic: Topic) -> str:
    return rng.choice(HOOKS).format(subject=topic.subject)


def _filled(rng: Random, text: str, topic: Topic) -> str:
    return text.format(percent=rng.randint(12, 88), hours=rng.randint(3, 60), subject=topic.subject)


def _hashtags(rng: Random, topic: Topic, most: int) -> str:
    others = ("AI", "Automation", "DataDriven", "FutureOfWork", "Teamwork", "SmallBusiness", "LearningInPublic")
    return " ".join(f"#{tag}" for tag in (topic.tag, *rng.sample(others, rng.randint(1, most - 1))))
