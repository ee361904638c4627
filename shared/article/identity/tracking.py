"""Which query parameters only say how a reader came to a page.

Most names come from a list that others maintain: `tracking_rules.json`, made from the npm package
tidy-url by `tools/tracking_rules.py`. What that list lacks and readers of news feeds have reported
stands below. A parameter that may name a page, such as `id`, is never in either.
"""

import json
from pathlib import Path
from typing import Any, Final

_RULES: Final[dict[str, Any]] = json.loads(
    Path(__file__).with_name("tracking_rules.json").read_text()
)

# fmt: off
_MORE_NAMES: Final = frozenset({
    "_ga", "_gl", "dclid", "gbraid", "wbraid", "gad_source", "gad_campaignid", "srsltid",  # Google
    "igsh", "igshid", "mibextid", "fb_action_ids", "fb_action_types", "fb_ref", "fb_source",  # Meta
    "li_fat_id", "msclkid", "ttclid", "twclid", "yclid", "ysclid", "_openstat", "epik",
    "rb_clickid",
    "ref_src", "ref_url", "__twitter_impression", "__source", "_branch_match_id",
    "_branch_referrer",
    "amp_gsa", "amp_js_v", "usqp",  # added by AMP viewers
    "cmp", "cmp_id", "cmpid", "intcmp", "intcid", "icid", "ito", "ocid", "s_cid", "sc_cid",
    "s_kwcid", "ef_id", "wt_mc", "wt_zmc", "ftag", "ftcamp", "maca", "mkt_tok", "smid", "smtyp",
    "taid", "yptr", "sref", "dm_i", "wprov", "wickedid", "hootpostid", "echobox",
    "guccounter", "guce_referrer", "guce_referrer_sig", "soc_src", "soc_trk",  # Yahoo
    "dicbo", "ob_click_id", "oborigurl", "tblci",  # Outbrain, Taboola
    "xtor", "xtref", "xts",  # AT Internet, now Piano Analytics, as at_… is
    "spmailingid", "spuserid", "spjobid", "spreportid",  # Silverpop
    "cm_mmc", "cm_ite", "cm_mmca1", "cm_mmca2", "sfmc_id", "sfmc_activityid", "sfmc_sub",
    "zanpid", "irclickid", "irgwc", "cjevent", "iclid", "nr_email_referer",
    "recip_id",
})
_PREFIXES: Final = (
    "utm_", "itm_", "mtm_", "matomo_", "piwik_", "pk_", "hsa_", "wt.", "ns_mchannel", "ns_source",
    "ns_campaign", "ns_linkname", "ns_fee", "at_medium", "at_campaign", "at_source", "at_custom",
    "at_link_", "at_format", "at_ptr_", "at_creation", "at_content", "at_variant", "at_network",
    "at_recipient_", "at_send_date", "at_platform", "at_channel", "at_type", "at_term", "at_bbc_",
    "at_emailtype", "at_objective",
)
_MORE_HOSTS: Final = {
    "nytimes.com": {"emc", "partner", "ref", "te", "nl", "nlid", "unlocked_article_code"},
    "forbes.com": {"sh", "ss"},
    "bloomberg.com": {"srnd"},
    "marketwatch.com": {"mod", "siteid"},
    "barrons.com": {"mod"},
    "theguardian.com": {"acquisitiondata"},
    "reuters.com": {"feedtype", "feedname", "rpc"},
    "spiegel.de": {"sara_ref", "sara_ecid"},
    "lemonde.fr": {"lmd_medium", "lmd_campaign", "lmd_creation"},
    "x.com": {"s", "t", "ref_src"},
    "twitter.com": {"s", "t"},
}

# Parameters that tell where a reader came from if their value is such a place. With another value
# they may say anything: `ref=2021-35` is a document, `from=1815` a year.
_ORIGIN_NAMES: Final = frozenset({
    "ref", "referer", "referrer", "source", "src", "from", "via", "partner", "emc", "feature",
    "medium", "origin", "share", "campaign", "reflink", "traffic_source", "cid", "mod",
})
_ORIGINS: Final = frozenset({
    "rss", "feed", "feeds", "atom", "newsletter", "newsletters", "email", "mail", "emailshare",
    "twitter", "tw", "twtr", "twsrc", "facebook", "fb", "linkedin", "whatsapp", "telegram",
    "reddit", "instagram", "pinterest", "flipboard", "google", "googlenews", "gnews", "applenews",
    "bluesky", "mastodon", "threads", "youtube", "tiktok", "social", "share", "sharing", "push",
    "notification", "homepage", "sidebar", "widget", "facebook.com", "twitter.com", "t.co",
    "youtu.be", "copy", "copylink", "rssfeed", "feedburner", "smartnews", "pocket", "syndication",
})
# fmt: on

_ANYWHERE: Final = _MORE_NAMES | frozenset(_RULES["anywhere"])


def _merge_hosts() -> dict[str, frozenset[str]]:
    hosts = {host: frozenset(names) for host, names in _RULES["hosts"].items()}
    for host, names in _MORE_HOSTS.items():
        hosts[host] = hosts.get(host, frozenset()) | names
    return hosts


_BY_HOST: Final = _merge_hosts()
_MAX_LABELS: Final = max(host.count(".") + 1 for host in _BY_HOST)


def is_tracking(host: str, parameter: str) -> bool:
    """Whether *parameter* (`name=value` or `name`) of a URL at *host* names no part of the page."""
    name, _, value = parameter.lower().partition("=")
    if name in _ANYWHERE or name.startswith(_PREFIXES):
        return True
    if name in _ORIGIN_NAMES and _is_origin(value):
        return True
    return any(name in _BY_HOST.get(domain, ()) for domain in _list_domains(host))


def _is_origin(value: str) -> bool:
    """Whether *value* is a place that readers come from, such as `rss` or `newsletter-daily`."""
    first = value.replace("-", "_").replace("%20", "_").replace("+", "_").partition("_")[0]
    return value in _ORIGINS or first in _ORIGINS


def _list_domains(host: str) -> list[str]:
    """*host* and the domains above it, as far as there are rules for such."""
    labels = host.split(".")[-_MAX_LABELS:]
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]
