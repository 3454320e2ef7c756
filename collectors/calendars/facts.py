"""What can be counted in a text. Pure."""

from __future__ import annotations

import re
import unicodedata

from collectors.calendars.limits import TEXT_LIMITS, TWEET_LIMIT, X_LINK_LENGTH

_TOP_LEVEL = "com|org|net|io|ai|co|dev|app|eu|de|fr|uk|in|info|gov|edu|ly|me|tv"
_LINK = re.compile(
    rf"(?:https?://|www\.)[^\s<>\"'\])]+|(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:{_TOP_LEVEL})\b(?:/[^\s<>\"'\])]*)?", re.I
)
_HASHTAG = re.compile(r"(?<![\w&/#])[#＃](?=\w*[^\W\d_])\w+")
_WORD = re.compile(r"\w+(?:[’'\-]\w+)*")
_QUESTION = re.compile("[?？؟]")
_PLACEHOLDER = re.compile(
    r"\[(?=[^\]\n]{0,58}[^\W\d_]{2})[^\[\]\n]{2,60}\](?!\()"  # [Your Name], not a Markdown link, not [1] or [x]
    r"|\{\{[^{}\n]{1,60}\}\}"
    r"|<(?:your|insert|company)\b[^<>\n]{0,60}>",
    re.I,
)
_PICTURE = (
    "\U0001f004\U0001f0cf\U0001f18e\U0001f191-\U0001f19a\U0001f201\U0001f21a\U0001f22f\U0001f232-\U0001f236"
    "\U0001f238-\U0001f23a\U0001f250\U0001f251\U0001f300-\U0001f64f\U0001f680-\U0001f6ff\U0001f7e0-\U0001f7f0"
    "\U0001f90c-\U0001f9ff\U0001fa70-\U0001faff"
    "\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab"
    "\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e"
    "\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55"
)
_TONE = "\U0001f3fb-\U0001f3ff"
# one picture with its variation or skin tone; signs that are text by themselves count only when asked to be pictures
_ONE = f"(?:[{_PICTURE}]\ufe0f?[{_TONE}]?|[\u00a9-\u3299\U0001f170-\U0001f251]\ufe0f[{_TONE}]?|[\u261d\u26f9\u270c\u270d][{_TONE}])"
_TAGS = "[\U000e0020-\U000e007e]+\U000e007f"
_JOINABLE = f"(?:{_ONE}|[\u2640\u2642\u2695\u2696\u2708\u2764\u27a1])"
_EMOJI = re.compile(
    f"[0-9#*]\ufe0f?\u20e3|[\U0001f1e6-\U0001f1ff]{{2}}|{_ONE}(?:{_TAGS})?(?:\u200d{_JOINABLE})*"
)  # fmt: skip
_WIDE = re.compile("[^\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")


def tweet_length(text: str) -> int:
    """Length as X counts it: links 23, emoji 2, CJK and other wide scripts 2, all else 1; after normalisation (NFC)."""
    text = unicodedata.normalize("NFC", text)
    rest, links = _LINK.subn("", text)
    rest, emoji = _EMOJI.subn("", rest)
    return links * X_LINK_LENGTH + emoji * 2 + len(rest) + len(_WIDE.findall(rest))


def count_emoji(text: str) -> int:
    """Emoji; joined ones (families, flags, keycaps, skin tones) count once."""
    return len(_EMOJI.findall(text))


def facts(platform: str, texts: tuple[str, ...]) -> dict[str, int]:
    """Numbers of a post's texts (a thread's tweets). `characters` are Unicode code points, separators not counted."""
    whole = "\n\n".join(texts)
    plain = _LINK.sub(" ", whole)
    found = {
        "characters": sum(map(len, texts)),
        "words": len(_WORD.findall(plain)),
        "hashtags": len(_HASHTAG.findall(plain)),
        "emoji": count_emoji(whole),
        "links": len(_LINK.findall(whole)),
        "questions": len(_QUESTION.findall(plain)),
        "placeholders": len(_PLACEHOLDER.findall(whole)),
    }
    if platform == "twitter":
        found["tweets"] = len(texts)
        found["longest_tweet_characters"] = max(map(tweet_length, texts), default=0)
        found["over_limit"] = int(found["longest_tweet_characters"] > TWEET_LIMIT)
    else:
        found["over_limit"] = int(found["characters"] > TEXT_LIMITS.get(platform, found["characters"]))
    return found
