//! From the phrases found to a verdict, and to the reasons for it.
//!
//! Highest floor, at most one step up, nothing lowers.

use super::fold::Folded;
use super::lexicon::Hit;
use super::reading::Reading;
use super::rule::{Rule, Sight};
use super::{Category, Explained, Match, Rules, Severity, Trigger, Verdict, Words};
use crate::language::Language;

/// A rule that fired.
#[derive(Debug)]
pub(super) struct Fired<'r> {
    pub rule: &'r Rule,
    pub level: Severity,
    pub trigger: Trigger,
    pub words: Vec<Words>,
}

/// Every rule that fires, the gravest first; lanes only when nothing else fires.
pub(super) fn assess<'r>(rules: &'r Rules, text: &Folded, language: Language) -> Vec<Fired<'r>> {
    let lexicon = &rules.lexicon;
    let code = language.code();
    let hits = lexicon.find(text, |file| speaks(file, code));
    let reading = Reading::new(text, lexicon, rules.cues, &hits);
    let counting: Vec<(usize, Hit)> = hits
        .iter()
        .filter(|hit| !lexicon.entries[hit.entry].phrase.unsure)
        .map(|hit| (lexicon.entries[hit.entry].list, *hit))
        .collect();
    let sight = Sight { text, hits: counting };
    let mut fired: Vec<Fired<'r>> = Vec::new();
    let mut taken: Vec<(Category, Hit)> = Vec::new();
    // Rules that yield come last, so that the words of the others are known.
    let (yielding, first): (Vec<&Rule>, Vec<&Rule>) =
        rules.rules.iter().filter(|rule| !rule.lane).partition(|rule| !rule.yields_to.is_empty());
    for rule in first {
        if let Some(evidence) = rule.when.holds(&sight) {
            taken.extend(evidence.iter().map(|hit| (rule.category, *hit)));
            fired.push(weigh(rules, rule, &sight, &reading, evidence));
        }
    }
    for rule in yielding {
        let theirs: Vec<Hit> =
            taken.iter().filter(|(category, _)| rule.yields_to.contains(category)).map(|(_, hit)| *hit).collect();
        let left = sight.hits.iter().filter(|(_, hit)| !theirs.iter().any(|other| touches(text, hit, other))).copied().collect();
        let sight = Sight { text, hits: left };
        if let Some(evidence) = rule.when.holds(&sight) {
            fired.push(weigh(rules, rule, &sight, &reading, evidence));
        }
    }
    if fired.is_empty() {
        for rule in rules.rules.iter().filter(|rule| rule.lane) {
            if let Some(evidence) = rule.when.holds(&sight) {
                fired.push(weigh(rules, rule, &sight, &reading, evidence));
            }
        }
    }
    fired.sort_by_key(rank);
    fired
}

/// The verdict of the rules that fired.
pub(super) fn verdict(fired: &[Fired<'_>]) -> Verdict {
    let Some(gravest) = fired.first() else {
        return Verdict {
            severity: Severity::Unrated,
            categories: Vec::new(),
            auto_trigger: false,
            review: true,
            matches: Vec::new(),
        };
    };
    let severity = fired.iter().map(|fired| fired.level).min().unwrap_or(gravest.level);
    let mut categories: Vec<Category> = Vec::new();
    let mut matches: Vec<Match> = Vec::new();
    for fired in fired {
        if !categories.contains(&fired.rule.category) {
            categories.push(fired.rule.category);
        }
        matches.extend(fired.words.iter().map(|words| Match {
            rule: fired.rule.id.clone(),
            category: fired.rule.category,
            start: words.start,
            end: words.end,
            negated: words.negated,
        }));
    }
    matches.dedup();
    let auto_trigger = fired.iter().any(|fired| fired.trigger == Trigger::Triggers);
    let doubtful =
        fired.iter().any(|fired| fired.trigger.holds_back()) || fired.iter().all(|fired| fired.words.iter().all(Words::in_doubt));
    Verdict { severity, categories, auto_trigger, review: doubtful && !auto_trigger && !gravest.rule.lane, matches }
}

/// The same, for a person who asks why.
pub(super) fn explained(fired: Vec<Fired<'_>>) -> Vec<Explained> {
    fired
        .into_iter()
        .map(|fired| Explained {
            rule: fired.rule.id.clone(),
            title: fired.rule.title.clone(),
            category: fired.rule.category,
            level: fired.level,
            raised: fired.level < fired.rule.level,
            trigger: fired.trigger,
            words: fired.words,
        })
        .collect()
}

fn weigh<'r>(rules: &Rules, rule: &'r Rule, sight: &Sight<'_>, reading: &Reading<'_>, mut evidence: Vec<Hit>) -> Fired<'r> {
    evidence.sort_unstable();
    evidence.dedup();
    let raised = rule.raise.as_ref().is_some_and(|raise| raise.holds(sight).is_some());
    let level = if raised { step_up(rule.level) } else { rule.level };
    let mut words = Vec::with_capacity(evidence.len());
    let mut signs: Vec<(usize, Hit)> = Vec::new();
    let (mut decisive, mut asserted) = (false, false);
    for hit in evidence {
        let entry = &rules.lexicon.entries[hit.entry];
        let (negated, asked) = (reading.denies(hit), reading.asks(hit));
        if !negated && !asked {
            asserted = true;
            decisive |= entry.phrase.decisive;
            signs.push((entry.list, hit));
        }
        words.push(Words {
            list: rules.lists[entry.list].clone(),
            language: entry.language.clone(),
            phrase: entry.phrase.written.clone(),
            start: sight.text.tokens[hit.first].start,
            end: sight.text.tokens[hit.last].end,
            decisive: entry.phrase.decisive,
            negated,
            asked,
        });
    }
    let speaks = |cues: &[&str]| cues.iter().any(|language| words.iter().any(|words| words.language == *language));
    let trigger = if !rule.auto_trigger {
        Trigger::NotAsked
    } else if speaks(&reading.not_a_report) {
        Trigger::NotAReport
    } else if speaks(&reading.resolved) {
        Trigger::Resolved
    } else if !asserted {
        if words.iter().any(|words| words.negated) { Trigger::Denied } else { Trigger::Question }
    } else if decisive || independent(&signs) {
        Trigger::Triggers
    } else {
        Trigger::OneSign
    };
    Fired { rule, level, trigger, words }
}

/// Whether two signs come from different lists and from different words.
fn independent(signs: &[(usize, Hit)]) -> bool {
    signs.iter().any(|(list, hit)| signs.iter().any(|(other_list, other)| list != other_list && !hit.overlaps(other)))
}

/// What comes first: what triggers, then what is graver, then what more was said of.
fn rank(fired: &Fired<'_>) -> (bool, Severity, bool, usize, usize) {
    let triggers = fired.trigger == Trigger::Triggers;
    let first = fired.words.first().map_or(0, |words| words.start);
    (fired.words.iter().all(Words::in_doubt), fired.level, !triggers, usize::MAX - fired.words.len(), first)
}

fn step_up(level: Severity) -> Severity {
    match level {
        Severity::Emergency | Severity::Critical => Severity::Emergency,
        Severity::High | Severity::Unrated => Severity::Critical,
        Severity::Medium => Severity::High,
        Severity::Low => Severity::Medium,
    }
}

/// Whether two phrases share a word, or stand in one sentence with at most three words between.
fn touches(text: &Folded, one: &Hit, other: &Hit) -> bool {
    let (before, after) = if one.first <= other.first { (one, other) } else { (other, one) };
    let together = text.tokens[before.last].sentence == text.tokens[after.first].sentence;
    one.overlaps(other) || together && text.width_between(before.last, after.first) <= 9
}

/// Whether a word list of this language, as in its file name, is for reports in the language of this code.
fn speaks(file: &str, code: &str) -> bool {
    const CODES: [(&str, &str); 31] = [
        ("am", "amh"),
        ("ar", "ara"),
        ("bn", "ben"),
        ("bn-latn", "ben-Latn"),
        ("en", "eng"),
        ("es", "spa"),
        ("fr", "fra"),
        ("hi", "hin"),
        ("hi-latn", "hin-Latn"),
        ("hi-latn", "urd-Latn"),
        ("id", "ind"),
        ("id", "msa"),
        ("id", "zsm"),
        ("km", "khm"),
        ("lo", "lao"),
        ("ms", "msa"),
        ("ms", "zsm"),
        ("ms", "ind"),
        ("my", "mya"),
        ("ne", "nep"),
        ("pt", "por"),
        ("ru", "rus"),
        ("si", "sin"),
        ("sw", "swa"),
        ("ta", "tam"),
        ("th", "tha"),
        ("tl", "tgl"),
        ("tr", "tur"),
        ("ur", "urd"),
        ("vi", "vie"),
        ("zh", "zho"),
    ];
    file == code || CODES.contains(&(file, code)) || (file == "zh" && code == "cmn") || (file == "tl" && code == "fil")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::bundle;
    use proptest::prelude::*;
    use std::sync::OnceLock;

    fn rules() -> &'static Rules {
        static RULES: OnceLock<Rules> = OnceLock::new();
        RULES.get_or_init(Rules::built_in)
    }

    fn fired(text: &str) -> Vec<Fired<'static>> {
        assess(rules(), &Folded::report(text), Language::UNDETERMINED)
    }

    fn judged(text: &str) -> Verdict {
        verdict(&fired(text))
    }

    #[test]
    fn silence_is_unrated_and_read_by_a_person() {
        let verdict = judged("asdf qwer");
        assert_eq!((verdict.severity, verdict.review, verdict.auto_trigger), (Severity::Unrated, true, false));
        assert!(verdict.categories.is_empty());
    }

    #[test]
    fn a_locked_dormitory_triggers() {
        let verdict = judged("The guards lock us inside the dormitory and we are not allowed to leave");
        assert_eq!(verdict.severity, Severity::Critical);
        assert_eq!(verdict.categories[0], Category::ForcedLabour);
        assert!(verdict.auto_trigger && !verdict.review);
    }

    #[test]
    fn a_question_keeps_its_level_and_waits_for_a_person() {
        let verdict = judged("Is it true that children work in the mine?");
        assert_eq!((verdict.severity, verdict.review, verdict.auto_trigger), (Severity::Critical, true, false));
    }

    #[test]
    fn a_polite_question_about_our_boss_is_a_report() {
        assert!(judged("May our boss lock us in at night?").auto_trigger);
    }

    #[test]
    fn a_denial_beside_the_words_holds_the_trigger_back() {
        let verdict = judged("There is no child labour");
        assert!(!verdict.auto_trigger && verdict.review);
        assert!(verdict.matches.iter().all(|found| found.negated));
        assert_eq!(verdict.severity, Severity::Critical);
    }

    #[test]
    fn a_denial_inside_the_words_is_the_report() {
        assert!(judged("We are not allowed to leave").matches.iter().all(|found| !found.negated));
    }

    #[test]
    fn smoke_with_people_inside_is_an_emergency() {
        assert_eq!(judged("smoke everywhere, exit locked, we are inside now").severity, Severity::Emergency);
    }

    #[test]
    fn a_dead_fish_is_no_accident_at_work() {
        let categories = judged("The factory dumps waste in the river, dead fish").categories;
        assert_eq!(categories, [Category::PollutionEnvironment]);
    }

    #[test]
    fn an_exercise_never_triggers() {
        let verdict = judged("Fire drill and training session on child labour");
        assert!(!verdict.auto_trigger && verdict.review);
    }

    #[test]
    fn a_plain_question_is_low() {
        let verdict = judged("How many holidays are there?");
        assert_eq!((verdict.severity, verdict.review), (Severity::Low, false));
    }

    #[test]
    fn places_count_characters_of_the_text() {
        let text = "Xin chào! 厂里有童工 🙏";
        let verdict = judged(text);
        let found = &verdict.matches[0];
        let words: String = text.chars().skip(found.start).take(found.end - found.start).collect();
        assert_eq!(words, "童工");
    }

    #[test]
    fn placeholders_do_not_match_and_do_not_stand_in_the_way() {
        assert!(judged("[name] took our passports [phone]").categories.contains(&Category::DocumentRetention));
        assert!(judged("[name] [phone] [email]").matches.is_empty());
    }

    #[test]
    fn a_short_word_counts_in_company_or_alone_but_not_among_strangers() {
        let deaths = |text| judged(text).categories.contains(&Category::InjuryFatality);
        assert!(deaths("patay siya"));
        assert!(deaths("patay siya kahapon, namatay sa pabrika kanina"));
        assert!(!deaths("my friend patay is a very good and happy person"));
    }

    #[test]
    fn word_lists_know_the_codes_of_their_language() {
        assert!(
            !speaks("tl", "eng") && speaks("tl", "tgl") && speaks("zh", "zho") && speaks("zh", "cmn") && speaks("swa", "swa")
        );
    }

    #[test]
    fn a_report_that_repeats_itself_keeps_its_matches_few() {
        let verdict = judged(&"the boss keeps our passports and the river is black ".repeat(2000));
        assert!(verdict.auto_trigger && verdict.matches.len() < 500);
    }

    #[test]
    fn every_rule_is_explained_with_its_words() {
        let explained = explained(fired("My friend lost two fingers in the press and they did not pay our salary"));
        let injury = explained.iter().find(|explained| explained.rule == "injury").unwrap();
        assert_eq!(injury.trigger, Trigger::NotAsked);
        assert!(injury.words.iter().any(|words| words.list == "injury" && words.language == "en"));
    }

    #[test]
    fn the_bundle_names_itself() {
        assert_eq!(rules().bundle_hash().len(), 64);
        assert_eq!(rules().bundle_hash(), bundle::load(&bundle::built_in()).unwrap().bundle_hash());
        assert!(rules().n_rules() > 20 && rules().n_phrases() > 10_000);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_text_is_judged_and_its_matches_lie_inside(text in "\\PC{0,40}( lock us in| 13岁| cháy| দেয়ালে ফাটল|\\?|[a-z]{1,6}){0,6}\\PC{0,40}") {
            let n_characters = text.chars().count();
            for found in judged(&text).matches {
                prop_assert!(found.start < found.end && found.end <= n_characters);
            }
        }
    }
}
