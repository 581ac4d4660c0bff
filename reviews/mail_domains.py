"""Which e-mail addresses show that two people work for one organisation. Pure: text in, text out.

Two addresses do if their domains are the same or one lies inside the other, as physics.oba.example
lies inside oba.example. A domain at which anybody can have an address shows nothing.
"""

# Large providers of mail for everybody, by domain; their further domains are inside or beside these
# (yahoo.co.uk). Kept short on purpose: a provider that is missing costs the chair one click.
_PROVIDERS = """
    126.com 139.com 163.com 189.cn 21cn.com aliyun.com aol.com bk.ru duck.com fastmail.com
    foxmail.com free.fr gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com hanmail.net
    hey.com hotmail.com hushmail.com icloud.com inbox.ru laposte.net libero.it list.ru live.com
    mac.com mail.com mail.ru mailbox.org me.com msn.com naver.com orange.fr outlook.com posteo.de
    proton.me protonmail.com qq.com rambler.ru rediffmail.com seznam.cz sina.cn sina.com sohu.com
    t-online.de tom.com tuta.com tutanota.com uol.com.br vip.163.com vip.qq.com wanadoo.fr web.de
    wp.pl ya.ru yahoo.com yandex.com yandex.ru yeah.net ymail.com zoho.com
"""
PUBLIC = frozenset(_PROVIDERS.split())
# The same names under a country's ending: yahoo.co.jp, hotmail.fr, outlook.com.br.
_EVERYWHERE = frozenset(("gmail", "hotmail", "live", "msn", "outlook", "yahoo", "yandex"))
# RFC 2606: nobody's addresses, so that they say nothing of who works where.
_NOBODY = frozenset(("example.com", "example.net", "example.org"))


def domain_of(address: str) -> str:
    """The domain of an address in small letters; "" for what is no address."""
    _name, at, domain = address.strip().rpartition("@")
    return domain.casefold().strip(".") if at else ""


def is_public(domain: str) -> bool:
    """Whether anybody can have an address there, or nobody can."""
    return (
        "." not in domain
        or domain in PUBLIC
        or domain in _NOBODY
        or domain.partition(".")[0] in _EVERYWHERE
    )


def shared(one: str, other: str) -> bool:
    """Whether two domains belong to one organisation, as far as their names tell."""
    outer, inner = sorted((one, other), key=len)
    return not is_public(outer) and (inner == outer or inner.endswith(f".{outer}"))
