//! The languages that have a name here, and the many ways their codes are written.
//!
//! Knows nothing of texts.

use std::borrow::Cow;

/// One language: its ISO 639-3 code and what else it is called, blank-separated.
pub(super) struct Named {
    pub(super) code: &'static str,
    pub(super) also: &'static str,
}

const fn named(code: &'static str, also: &'static str) -> Named {
    Named { code, also }
}

/// The first in the list that nobody is expected to write in.
#[cfg(any(test, feature = "workbench"))]
const FIRST_OTHER: &str = "afr";

/// Every language that can be parsed or detected; the shipped ones first.
#[rustfmt::skip]
pub(super) const NAMED: &[Named] = &[
    named("cmn", "zh zho chi"), named("eng", "en"), named("vie", "vi"), named("ind", "id in"), named("zsm", "ms msa may zlm"),
    named("ben", "bn"), named("mya", "my bur"), named("khm", "km"), named("tha", "th"), named("lao", "lo"), named("hin", "hi"),
    named("nep", "ne npi"), named("urd", "ur"), named("pan", "pa"), named("tam", "ta"), named("tel", "te"), named("sin", "si"),
    named("mar", "mr"), named("guj", "gu"), named("tgl", "tl fil"), named("ara", "ar arb"), named("pes", "fa fas per prs"),
    named("tur", "tr"), named("uzb", "uz uzn"), named("rus", "ru"), named("ukr", "uk"), named("spa", "es"), named("por", "pt"),
    named("fra", "fr fre"), named("deu", "de ger"), named("ita", "it"), named("pol", "pl"), named("ron", "ro rum mo"),
    named("swa", "sw swh"), named("amh", "am"), named("hau", "ha"), named("yor", "yo"), named("zul", "zu"), named("som", "so"),
    named("jpn", "ja"), named("kor", "ko"), named("mon", "mn khk"), named("kaz", "kk"), named("kat", "ka geo"),
    // In borrowed letters.
    named("hin-Latn", "hi-Latn"), named("urd-Latn", "ur-Latn"), named("ben-Latn", "bn-Latn"), named("nep-Latn", "ne-Latn"),
    named("mya-Latn", "my-Latn"), named("cmn-Latn", "zh-Latn"),
    // Recognised, so that they are not taken for one of the above.
    named("afr", "af"), named("aka", "ak"), named("asm", "as"), named("aze", "az"), named("bel", "be"), named("bul", "bg"),
    named("cat", "ca"), named("ces", "cs cze"), named("cym", "cy wel"), named("dan", "da"), named("ell", "el gre"),
    named("epo", "eo"), named("est", "et"), named("fin", "fi"), named("heb", "he iw"), named("hrv", "hr"), named("hun", "hu"),
    named("hye", "hy arm"), named("jav", "jv"), named("kan", "kn"), named("lat", "la"), named("lav", "lv"), named("lit", "lt"),
    named("mal", "ml"), named("mkd", "mk mac"), named("nld", "nl dut"), named("nob", "nb no nor nno nn"), named("ori", "or ory"),
    named("slk", "sk slo"), named("slv", "sl"), named("sna", "sn"), named("srp", "sr"), named("swe", "sv"), named("tir", "ti"),
    named("tuk", "tk"), named("yid", "yi"), named("azb", ""), named("bho", "bh"), named("ceb", ""), named("ckb", ""), named("eus", "eu baq"),
    named("glg", "gl"), named("hat", "ht"), named("ibo", "ig"), named("ilo", ""), named("isl", "is ice"), named("kin", "rw"),
    named("kir", "ky"), named("kmr", "ku kur"), named("lug", "lg"), named("mai", ""), named("nya", "ny"), named("orm", "om gaz"),
    named("pcm", ""), named("pus", "ps pbt"), named("snd", "sd"), named("sot", "st"), named("sqi", "sq alb"), named("sun", "su"),
    named("tat", "tt"), named("tgk", "tg"), named("tsn", "tn"), named("tso", "ts"), named("uig", "ug"), named("wol", "wo"),
    named("xho", "xh"),
];

/// Whether reports in a language are expected; the others are there to be told apart.
#[cfg(any(test, feature = "workbench"))]
pub(super) fn is_expected(code: &str) -> bool {
    let n_expected = NAMED.iter().position(|named| named.code == FIRST_OTHER).unwrap_or(NAMED.len());
    NAMED[..n_expected].iter().any(|named| named.code == code)
}

/// The interned code for `written`, which may be a code or a tag with script and region.
pub(super) fn interned(written: &str) -> Option<&'static str> {
    let written = written.trim();
    if written.len() > 35 {
        return None;
    }
    let mut parts = written.split(['-', '_']);
    let language = parts.next()?;
    let in_latin = parts.any(|part| part.eq_ignore_ascii_case("latn"));
    let found = NAMED.iter().find(|named| {
        named.code.eq_ignore_ascii_case(language) || named.also.split_whitespace().any(|name| name.eq_ignore_ascii_case(language))
    })?;
    // A language that has no variant of its own in Latin letters is written in them anyway (`en-Latn`).
    let variant = in_latin.then(|| NAMED.iter().find(|named| named.code.strip_suffix("-Latn") == Some(found.code))).flatten();
    Some(variant.unwrap_or(found).code)
}

/// The tag of BCP 47 for one of our codes: the shortest one there is.
pub(super) fn tag(code: &'static str) -> Cow<'static, str> {
    let (language, latin) = code.strip_suffix("-Latn").map_or((code, false), |language| (language, true));
    // Tagalog is the one whose standard has another name.
    let short = match language {
        "tgl" => "fil",
        _ => NAMED
            .iter()
            .find(|named| named.code == language)
            .and_then(|named| named.also.split(' ').find(|name| name.len() == 2))
            .unwrap_or(language),
    };
    if latin { Cow::Owned(format!("{short}-Latn")) } else { Cow::Borrowed(short) }
}
