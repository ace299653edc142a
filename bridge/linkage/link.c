/* bridge/linkage/link.c
 *
 * Hosts, and the part of a link that belongs to one person.
 *
 * Three kinds of host: somebody's own (the host is the key), shared with a page for each person under a path (host and
 * one segment are the key), shared with a host for each person (again the host, but its owner is one label longer).
 * Which is which stands in the tables below: the public suffix list would be complete and 250 KiB, and what it does not
 * know, that linktr.ee is shared by path, is what matters most here.
 */
#include "linkage/link.h"

#include "base/cleanup.h"
#include "base/err.h"

#define HOST_MAX 253
#define KEY_MAX  512

/* Everybody has a page at HOST/name. */
static const char *const path_hosts[] = {
    "about.me",
    "academia.edu",
    "allmylinks.com",
    "amazon.com",
    "artstation.com",
    "behance.net",
    "beacons.ai",
    "bio.link",
    "bio.site",
    "bitbucket.org",
    "bsky.app",
    "buymeacoffee.com",
    "cash.app",
    "codeberg.org",
    "codepen.io",
    "dev.to",
    "discord.com",
    "discord.gg",
    "docs.google.com",
    "dribbble.com",
    "facebook.com",
    "fb.com",
    "fb.me",
    "fiverr.com",
    "flickr.com",
    "github.com",
    "gitlab.com",
    "goodreads.com",
    "google.com",
    "gumroad.com",
    "hackerone.com",
    "imdb.com",
    "instagram.com",
    "keybase.io",
    "ko-fi.com",
    "kaggle.com",
    "last.fm",
    "letterboxd.com",
    "linkedin.com",
    "linktr.ee",
    "lnk.bio",
    "mastodon.social",
    "medium.com",
    "meetup.com",
    "msha.ke",
    "muckrack.com",
    "npmjs.com",
    "open.spotify.com",
    "orcid.org",
    "patreon.com",
    "paypal.me",
    "pinterest.com",
    "pixiv.net",
    "podcasts.apple.com",
    "pronouns.page",
    "reddit.com",
    "researchgate.net",
    "scholar.google.com",
    "sites.google.com",
    "snapchat.com",
    "solo.to",
    "soundcloud.com",
    "speakerdeck.com",
    "spotify.com",
    "stackoverflow.com",
    "steamcommunity.com",
    "t.me",
    "threads.com",
    "threads.net",
    "tiktok.com",
    "twitch.tv",
    "twitter.com",
    "vimeo.com",
    "vk.com",
    "wikipedia.org",
    "en.wikipedia.org",
    "x.com",
    "youtube.com",
    "youtu.be",
    "zazzle.com",
    "campsite.bio",
    "carrd.co",
    "hachyderm.io",
    "etsy.com",
};

/* Everybody has a host at name.HOST. */
static const char *const name_hosts[] = {
    "ap.brid.gy",      "bandcamp.com",    "bearblog.dev",   "beehiiv.com",     "blogspot.com",  "bsky.social",
    "carrd.co",        "deviantart.com",  "dreamwidth.org", "firebaseapp.com", "fly.dev",       "ghost.io",
    "github.io",       "gitlab.io",       "glitch.me",      "hashnode.dev",    "herokuapp.com", "is-a.dev",
    "itch.io",         "livejournal.com", "medium.com",     "micro.blog",      "neocities.org", "netlify.app",
    "netlify.com",     "notion.site",     "pages.dev",      "page.link",       "substack.com",  "tumblr.com",
    "vercel.app",      "web.app",         "web.brid.gy",    "webflow.io",      "weebly.com",    "wixsite.com",
    "wordpress.com",   "workers.dev",     "write.as",       "bigcartel.com",   "gumroad.com",   "mystrikingly.com",
    "squarespace.com", "myshopify.com",   "onrender.com",   "surge.sh",        "typepad.com",   "eurosky.social",
    "newgrounds.com",  "straw.page",      "omg.lol",        "lovestoblog.com", "my.canva.site", "readthedocs.io",
};

/* Short links say nothing of whom they lead to. */
static const char *const shorteners[] = {"t.co",  "bit.ly",  "tinyurl.com", "goo.gl",   "ow.ly", "buff.ly", "lnkd.in",
                                         "is.gd", "dlvr.it", "amzn.to",     "amzn.com", "rb.gy", "cutt.ly", "fb.watch"};

/* First segments of a path behind which the person stands: linkedin.com/in/jane, youtube.com/c/jane. */
static const char *const person_behind[] = {"in",   "c",      "u",   "user",   "users",   "channel", "profile", "name",
                                            "view", "people", "add", "author", "company", "school",  "artist",  "show",
                                            "wiki", "invite", "id",  "r",      "p",       "podcast", "pub"};

/* First segments that belong to the host, not to a person. */
static const char *const host_pages[] = {"watch",   "search", "share",   "about", "login",    "home",
                                         "explore", "intent", "hashtag", "i",     "settings", "help",
                                         "signup",  "dp",     "status",  "post",  "posts",    "playlist",
                                         "shorts",  "reel",   "reels",   "tag",   "tags",     "hl"};

static bool among(struct text t, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n && !text_empty(t); i++)
        if (words[i][0] == byte_lower(t.data[0]) && text_equal_fold(t, text_of(words[i])))
            return true;
    return false;
}

static bool is_path_host(struct text host)
{
    if (among(host, path_hosts, ARRAY_LEN(path_hosts)))
        return true;
    /* Country hosts of the largest: amazon.co.uk, google.de, pinterest.fr. */
    static const char *const brands[] = {"amazon.", "google.", "pinterest.", "ebay."};
    for (size_t i = 0; i < ARRAY_LEN(brands); i++)
        if (text_starts(host, text_of(brands[i])))
            return true;
    return false;
}

/* The part of host that everybody shares, where it is name.HOST; else TEXT_NONE. */
static struct text shared_parent(struct text host)
{
    for (size_t i = 0; i < ARRAY_LEN(name_hosts); i++) {
        struct text parent = text_of(name_hosts[i]);
        if (host.len > parent.len + 1 && text_ends(host, parent) && host.data[host.len - parent.len - 1] == '.')
            return text_slice(host, host.len - parent.len, host.len);
    }
    return TEXT_NONE;
}

bool host_is_shared(struct text host)
{
    return is_path_host(host) || among(host, name_hosts, ARRAY_LEN(name_hosts)) ||
           among(host, shorteners, ARRAY_LEN(shorteners));
}

/* co.uk, com.au, ne.jp: second labels under which countries sell names. */
static bool is_category(struct text label, struct text country)
{
    static const char *const categories[] = {"ac",  "co",  "com", "edu", "gob", "gouv",   "gov", "ltd", "mil", "net",
                                             "nhs", "nom", "or",  "org", "plc", "police", "sch", "k12", "gv",  "asn"};
    static const char *const asian[] = {"ne", "go", "ad", "ed", "gr", "lg", "re", "pe"};
    if (country.len != 2)
        return false;
    if (text_equal(label, TEXT("me")))
        return text_equal(country, TEXT("uk"));
    if (among(label, asian, ARRAY_LEN(asian)))
        return text_equal(country, TEXT("jp")) || text_equal(country, TEXT("kr"));
    return among(label, categories, ARRAY_LEN(categories));
}

/* Offset of the label that starts before `end` (the place of a dot, or the length). */
static size_t label_start(struct text host, size_t end)
{
    size_t start = end;
    while (start > 0 && host.data[start - 1] != '.')
        start--;
    return start;
}

struct text host_owned(struct text host)
{
    struct text parent = shared_parent(host);
    size_t suffix = host.len;
    if (!text_empty(parent)) {
        suffix = host.len - parent.len;
    } else {
        suffix = label_start(host, host.len);
        if (suffix > 0) {
            size_t second = label_start(host, suffix - 1);
            if (second > 0 && is_category(text_slice(host, second, suffix - 1), text_slice(host, suffix, host.len)))
                suffix = second;
        }
    }
    return suffix == 0 ? host : text_slice(host, label_start(host, suffix - 1), host.len);
}

bool host_is_valid(struct text host)
{
    size_t labels = 0;
    struct text label = TEXT_NONE;
    struct text rest = host;
    if (text_empty(host) || host.len > HOST_MAX)
        return false;
    while (text_cut(&rest, '.', &label)) {
        labels++;
        if (label.len < 1 || label.len > 63 || label.data[0] == '-' || label.data[label.len - 1] == '-')
            return false;
        for (size_t i = 0; i < label.len; i++)
            if (!byte_is_letter(label.data[i]) && !byte_is_digit(label.data[i]) && label.data[i] != '-')
                return false;
    }
    return labels >= 2 && label.len >= 2 && byte_is_letter(label.data[0]);
}

bool link_parse(struct text url, struct link *ret_link)
{
    url = text_trim(url);
    bool scheme = text_starts_fold(url, TEXT("https://")) || text_starts_fold(url, TEXT("http://"));
    if (scheme)
        url = text_slice(url, text_find(url, TEXT("://"), 0) + 3, url.len);
    size_t end = 0;
    while (end < url.len && url.data[end] != '/' && url.data[end] != '?' && url.data[end] != '#')
        end++;
    struct text host = text_slice(url, 0, end);
    struct text path = text_slice(url, end, url.len);
    host = text_slice(host, 0, text_find_byte(host, ':', 0));
    while (text_ends(host, TEXT(".")))
        host.len--;
    static const char *const prefixes[] = {"www.", "mobile.", "m."};
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
        struct text prefix = text_of(prefixes[i]);
        if (text_starts_fold(host, prefix) && host_is_valid(text_slice(host, prefix.len, host.len)))
            host = text_slice(host, prefix.len, host.len);
    }
    if (!host_is_valid(host))
        return false; /* among them whatever has an @: an e-mail address, a user name in a URL */
    *ret_link = (struct link){.host = host, .path = path};
    return true;
}

struct text link_segment(struct text *path)
{
    struct text segment = TEXT_NONE;
    while (path->len > 0 && path->data[0] == '/')
        *path = text_slice(*path, 1, path->len);
    size_t end = 0;
    while (end < path->len && path->data[end] != '/' && path->data[end] != '?' && path->data[end] != '#')
        end++;
    segment = text_slice(*path, 0, end);
    *path = end < path->len && path->data[end] == '/' ? text_slice(*path, end, path->len) : TEXT_NONE;
    return segment;
}

int link_host(struct arena *arena, struct text url, struct text *ret_host)
{
    struct link link;
    if (!link_parse(url, &link)) {
        *ret_host = TEXT_NONE;
        return 0;
    }
    return arena_lower(arena, link.host, ret_host) ? 0 : E_NOMEM;
}

/* A segment as it may name a person: no broken or foreign bytes, of a length a name has. */
static bool names_person(struct text segment)
{
    if (segment.len < 2 || segment.len > 64)
        return false;
    for (size_t i = 0; i < segment.len; i++) {
        char c = segment.data[i];
        if (!byte_is_letter(c) && !byte_is_digit(c) && c != '_' && c != '-' && c != '.' && c != '@' && c != '~')
            return false;
    }
    return true;
}

static struct text person_segment(struct text host, struct text path)
{
    struct text segment = link_segment(&path);
    bool personal = text_starts(segment, TEXT("@")) || text_starts(segment, TEXT("~"));
    if (!is_path_host(host) && !personal)
        return TEXT_NONE;
    if (among(segment, person_behind, ARRAY_LEN(person_behind)))
        segment = link_segment(&path);
    else if (among(segment, host_pages, ARRAY_LEN(host_pages)))
        return TEXT_NONE;
    return names_person(segment) ? segment : TEXT_NONE;
}

int link_key_make(struct arena *arena, struct text url, struct text *ret_key)
{
    struct link link;
    struct text host;
    *ret_key = TEXT_NONE;
    if (!link_parse(url, &link))
        return 0;
    if (!arena_lower(arena, link.host, &host))
        return E_NOMEM;
    struct text person = person_segment(host, link.path);
    if (text_empty(person)) {
        if (!host_is_shared(host))
            *ret_key = host;
        return 0;
    }
    char key[KEY_MAX];
    size_t n = 0;
    for (size_t i = 0; i < host.len; i++)
        key[n++] = host.data[i];
    key[n++] = '/';
    for (size_t i = 0; i < person.len && n < sizeof key; i++)
        key[n++] = byte_lower(person.data[i]);
    return arena_text(arena, (struct text){key, n}, ret_key) ? 0 : E_NOMEM;
}
