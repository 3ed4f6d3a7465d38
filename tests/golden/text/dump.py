"""Makes clip-tokenizer.json beside this script: hostile prompts, and the ids that transformers' CLIPTokenizer gives them with
ftfy installed. Says on the way where CLIPTokenizerFast gives others. Also refreshes engine/text/html-entities.json, the
names of characters that ftfy knows.

    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python dump.py

Versions are in requirements.txt (Python: 3.11, Unicode 14), the seed of the random prompts is below. The same bytes come
out every time.
"""

import gzip
import json
import random
import tempfile
import unicodedata
from pathlib import Path

import ftfy.chardata
from transformers import CLIPTokenizer, CLIPTokenizerFast
from transformers.models.clip.tokenization_clip import bytes_to_unicode

HERE = Path(__file__).parent
ENGINE_TEXT = HERE.parents[2] / "engine" / "text"
SEED = 20
MERGES = 48_894
LONGEST_REFERENCE = 24

PLAIN = [
    "", " ", "\n", "a", "a photo of a cat", "A PHOTO OF A CAT", "  a   photo\tof\n\na cat  ",
    "a red house, trees in front, blue sky, 4k, (masterpiece:1.2), best quality",
    "masterpiece, best quality, 1girl, solo, long_hair, blue-eyes, <lora:add_detail:0.7>, BREAK, highly detailed",
    "it's, I'm, you're, we've, he'll, they'd, don't, IT'S, I'M, YOU'RE, O'Brien, rock'n'roll, 'tis, 's, ''s, 'S",
    "2023-11-05 12:34:56.789, 1,000,000, 3.14159e-10, 0x1F, 50%, $9.99, #1, v1.5, 16:9, f/1.8",
    "http://example.com/a?b=c&d=e#f user@example.com C:\\Users\\x /usr/bin @artist #hashtag",
    "snake_case camelCase PascalCase kebab-case SCREAMING_CASE a.b.c a/b/c a+b=c {x} [y] (z) <w> |v| ~u~ `t` ^s^ *r*",
    "!!! ??? ... !?!? ,,,, ;;; ::: --- ___ *** /// \\\\\\ \"\"\" ''' !!!!!!!!!!!!!!!!!!!!!!!!!",
    "supercalifragilisticexpialidocious antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
    "trending on artstation, by greg rutkowski and alphonse mucha, octane render, unreal engine 5, 8k uhd, dslr",
    "ugly, tiling, poorly drawn hands, extra limbs, disfigured, deformed, body out of frame, bad anatomy, watermark",
]
SPECIAL = [
    "<|startoftext|>", "<|endoftext|>", "a<|endoftext|>b", "<|startoftext|>a photo<|endoftext|>", "<|ENDOFTEXT|>", "<|EndOfText|> x",
    "<|endoftext|><|endoftext|>", "<| endoftext |>", "|endoftext|", "<|endoftext|", "&lt;|endoftext|&gt;", "<|\u017ftartoftext|>",
    "&amp; <|endoftext|> &amp;", "a < b &amp; c", "</w>", "a</w> b</w>", "[UNK] [CLS] <pad> <unk> </s>", "<start_of_text>",
]
LATIN = [
    "café crème brûlée à la carte, naïve façade", "CAFÉ CRÈME ÀÉÎÕÜ", "cafe\u0301 cre\u0300me e\u0301\u0302\u0303 a\u030a", "Ångström \u212bngström \u212a \u2126",
    "Straße GROẞE ﬁne ﬂuﬀy ﬃ ﬄ ﬅ ﬆ", "ĳ Ĳ ŉ Ǆ ǅ ǆ Ǉ Ǌ ǲ ǳ", "İstanbul ISTANBUL ıstanbul", "ſtrange long s: 'ſ ’ſ don'ſ",
    "“curly” ‘quotes’ it’s ‚low‘ „low“ ‛reversed‟ ʼmodifier", "en–dash em—dash minus− hyphen‐ nb‑hyphen ellipsis… ‥ ·middle· •bullet", "«guillemets» ‹single›",
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞß", "àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ", "¡¢£¤¥¦§¨©ª«¬®¯°±²³´µ¶·¸¹º»¼½¾¿×÷", "ŒUVRE œuvre Œ œ Šš Žž Ÿ",
    "½ cup, 10² m, H₂O, E=mc², x³, ¼ ⅓ ⅛ № ℃ ℉ ™ ® ©", "Ⅳ Ⅻ ⅷ ① ② ⑩ ⓐ Ⓩ ⒈ ㈠ ㊗ ꙮ", "𝐁𝐨𝐥𝐝 𝓢𝓬𝓻𝓲𝓹𝓽 𝔉𝔯𝔞𝔨𝔱𝔲𝔯 𝟙𝟚𝟛", "Ｆｕｌｌ ｗｉｄｔｈ １２３ ！？＠＃　ＬＯＵＤ", "Z̷̢̛̞̘͑a̸̛͎͗l̵̡̛͚̈́g̸̨͝o̶̲͌", "a\u0345b α\u0345 \u0345",
]
SCRIPTS = [
    "猫の写真、青い空、桜の木", "一只可爱的猫坐在窗台上，阳光明媚", "繁體中文 測試，龍與鳳", "고양이가 창가에 앉아 있다", "ㄱㄴㄷ 각 각", "ﾊﾝｶｸｶﾀｶﾅ ｶﾞｷﾞ ﾊﾟ ｱｲｳ", "ﾡﾢ ￂￃ ￦ ￣ ￠ ￡ ￭", "カタカナ ひらがな 漢字 ｢括弧｣ 、。・ー〜",
    "صورة لقطة جميلة تجلس في الحديقة", "קטת יפה יושבת בגינה שָׁלוֹם", "\u202egnp.tac\u202c a \u200fb\u200e \u2066c\u2069", "गुलाबी शहर में एक बिल्ली", "ภาพถ่ายของแมวน่ารัก", "Красивый кот сидит на окне, ЁЖИК", "Όμορφη γάτα ΣΊΣΥΦΟΣ ΑΣ Σ ὈΔΥΣΣΕΎΣ ᾳ ᾼ",
    "Прекрасна ґава їжак Ў ђ ћ", "Кошка и cat вместе: миx скриптов", "ամպ գեղեցիկ ქართული ენა", "வணக்கம் நன்றி తెలుగు ಕನ್ನಡ മലയാളം", "ສະບາຍດີ မြန်မာ ខ្មែរ བོད་", "ᚠᚢᚦ ᐃᓄᒃ ᏣᎳᎩ ⲁⲃⲅ 𐌰𐌱𐌲 𓀀𓁐 𒀀", "ꀀꀁ ⴰⴱ ߊߋ ሀለ ᠮᠣᠩ", "\u1e9e\u1e9b\u0323 \u01c5 \u0149 \u0390 \ufb13", "tiếng Việt: con mèo đẹp ngồi trên cửa sổ", "Þórður Æsir Øyvind Ñandú Łódź Żółć Čeština Ğ ğ",
]
EMOJI = [
    "😀", "😀😀😀", "a 😀 b😀c", "👍🏽 👩🏿‍🚀", "👨‍👩‍👧‍👦 family", "🏳️‍🌈 🏴‍☠️ 🇫🇷🇯🇵🇺🇸", "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f", "❤️ ❤ ☺️ ☺︎ ✨ ⭐ ✔️", "1️⃣ #️⃣ *️⃣ 🔟", "🐱+🐶=❤️", "(╯°□°)╯︵ ┻━┻", "¯\\_(ツ)_/¯", "ʕ•ᴥ•ʔ (ಠ_ಠ) (ﾉ◕ヮ◕)ﾉ*:･ﾟ✧", "♠♥♦♣ ♔♕ ♩♪♫ ☀☁☂ ⚀⚁ ☯☮", "→←↑↓ ⇒⇔ ∀∃∈∑∏√∞≈≠≤≥ ∂∆∇∫", "░▒▓█ ▄▀ ─│┌┐└┘ ═║╔╗", "🫠🫡🥹🪿", "\ufe0f\u200d\u20e3", "🧑\u200d🎄 🧑🏻\u200d❤️\u200d💋\u200d🧑🏿",
]
CONTROLS = [
    "".join(map(chr, range(0x20))), "a\x00b", "a\x07b\x08c\x0bd\x0ce\x0df\x1bg\x7fh", "line\r\none\rtwo\u2028three\u2029four\x85five", "".join(map(chr, range(0x7F, 0xA0))), "caf\x85 \x93quoted\x94 \x80 \x9d",
    "\ufeffbyte order mark\ufeff", "zero\u200bwidth\u200cjoin\u200der\u2060s", "soft\u00adhyphen no\u00a0break thin\u2009space em\u2003space ideo\u3000space ogham\u1680space", "mongolian\u180evowel", "\x1b[31mred\x1b[0m \x1b[1;32;40mgreen\x1b[m \x1b[2J \x1b[", "\ufff9anno\ufffatation\ufffb \ufffc \ufffd", "\u206a\u206f\u2061\u2064", "\U000e0001\U000e0041 \U0001d173 \U000f0000 \U0010fffd \ue000", "\uffff \ufffe \U0001ffff \ufdd0", "a\tb\vc\fd", "\x1c\x1d\x1e\x1f", "\ud83d", "\udca9", "a\ud83db\udca9c", "\udca9\ud83d", "\ud83d\ud83d\udca9", "\u034f\u115f\u1160\u17b4\u3164\uffa0", "\u061c\u200e\u200f\u2067x\u2069",
]
REFERENCES = [
    "&amp; &lt; &gt; &quot; &apos; &nbsp; &copy; &eacute; &EACUTE; &Eacute; &eACUTE; &szlig; &SZLIG;", "&#65;&#x42;&#X43; &#8217; &#x1F600; &#128512;", "&amp;amp;amp;lt;b&amp;gt;", "&amp &lt &notin; &not &notit; AT&T R&D &;", "&#0; &#13; &#128; &#x81; &#x9f; &#xD800; &#x110000; &#1114112; &#99999999999; &#xfffe; &#xfdd0; &#11; &#127; &#9;",
    "&#59; &#x3b; &#12ab; &#xyz; &#; &#x; &#abc;", "&CounterClockwiseContourIntegral; &hellip; &mdash; &rarr; &check; &Jscr; &fjlig; &NotEqualTilde;", "<b>&amp;</b> &lt;", "&lt;\n&lt; <\n&lt;", "&LTIMES; &AMP; &GT; &HEARTS; &hearts; &trade; &TRADE;", "&ampamp; &amp;#38; &#38;amp; &#38;#38;", "&Tab;&NewLine;&ThinSpace;&ZeroWidthSpace;&zwj;&lrm;",
]
LONG = [
    " ".join(["word"] * 500), ", ".join(f"tag{i}" for i in range(150)), "a" * 500, "ab" * 300, "aaaaaaaab" * 40, "supercalifragilistic" * 20, "1" * 120, "!" * 300, "é" * 120, "猫" * 100, "😀" * 60, "x" * 76 + " " + "y" * 77,
    "the quick brown fox jumps over the lazy dog " * 56, "\u0301" * 60, "(" * 90 + "a" + ")" * 90, "&amp;" * 40, "-_" * 80,
]


def random_prompts(merges: list[str], count: int) -> list[str]:
    """Words that are anywhere in the vocabulary, cut and joined, with characters of any script between them."""
    rng = random.Random(SEED)
    halves = [half.replace("</w>", "") for merge in merges for half in merge.split()]
    halves = [half for half in halves if half.isascii() and half.isalpha()]
    # What later versions of Unicode give a meaning to is another thing to another tokenizer.
    assigned = [character for character in map(chr, range(0x20000)) if unicodedata.category(character) not in ("Cn", "Cs")]
    scripts = [(0x20, 0x7E), (0xA0, 0x24F), (0x370, 0x4FF), (0x590, 0x6FF), (0x900, 0xDFF), (0x2000, 0x2BFF), (0x3040, 0x9FFF), (0x1F300, 0x1F6FF)]
    ranges = [[character for character in assigned if first <= ord(character) <= last] for first, last in scripts]
    prompts = []
    for _ in range(count):
        parts = []
        for _ in range(rng.randint(1, 12)):
            if rng.random() < 0.6:
                parts.append("".join(rng.choices(halves, k=rng.randint(1, 4))))
            else:
                parts.append("".join(rng.choices(rng.choice(ranges), k=rng.randint(1, 4))))
            parts.append(rng.choice(["", " ", ", "]))
        prompts.append("".join(parts))
    return prompts


def load_tokenizers(merges: list[str]):
    characters = list(bytes_to_unicode().values())
    vocabulary = characters + [character + "</w>" for character in characters]
    vocabulary += ["".join(merge.split()) for merge in merges] + ["<|startoftext|>", "<|endoftext|>"]
    with tempfile.TemporaryDirectory() as folder:
        vocab_file, merges_file = Path(folder, "vocab.json"), Path(folder, "merges.txt")
        vocab_file.write_text(json.dumps({token: index for index, token in enumerate(vocabulary)}), encoding="utf-8")
        merges_file.write_text("\n".join(["#version: 0.2", *merges, ""]), encoding="utf-8")
        files = str(vocab_file), str(merges_file)
        return CLIPTokenizer(*files), CLIPTokenizerFast(*files)


def main() -> None:
    lines = gzip.decompress((ENGINE_TEXT / "bpe_simple_vocab_16e6.txt.gz").read_bytes()).decode("utf-8").split("\n")
    merges = lines[1 : 1 + MERGES]
    slow, fast = load_tokenizers(merges)
    assert slow.fix_text is not None, "ftfy is not installed"
    groups = {
        "plain": PLAIN, "special tokens": SPECIAL, "Latin": LATIN, "scripts": SCRIPTS, "emoji": EMOJI, "control characters": CONTROLS,
        "character references": REFERENCES, "long": LONG, "random": random_prompts(merges, 40),
    }
    dumped = {}
    for group, prompts in groups.items():
        dumped[group] = []
        for prompt in prompts:
            ids = slow.convert_tokens_to_ids(slow.tokenize(prompt))
            dumped[group].append({"prompt": prompt, "ids": ids})
            well_formed = prompt.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            if fast(well_formed, add_special_tokens=False)["input_ids"] != ids:
                print(f"fast differs, {group}: {ascii(prompt)[:100]}")
    with open(HERE / "clip-tokenizer.json", "w", encoding="utf-8") as file:
        file.write("{\n")
        file.write(",\n".join(
            json.dumps(group) + ": [\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]"
            for group, cases in dumped.items()
        ))
        file.write("\n}\n")

    entities = {name[1:-1]: characters for name, characters in ftfy.chardata.HTML_ENTITIES.items()}
    entities = {name: characters for name, characters in sorted(entities.items()) if len(name) <= LONGEST_REFERENCE}
    (ENGINE_TEXT / "html-entities.json").write_text(json.dumps(entities, indent=2) + "\n", encoding="utf-8")


main()
